import type { ComponentChildren } from "preact";
import { words } from "../state/language.ts";

interface TableProps {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly children: ComponentChildren;
}

interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly numeric?: boolean;
  /** Left out where the screen is narrow: the row's own page has it. */
  readonly wide?: boolean;
}

/** A table that scrolls sideways by itself, by keyboard too, instead of widening the page. */
export function Table({ name, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
    <section class="table-scroll" aria-label={words.value.common.tableScroll(name)} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ title, numeric, wide }) => (
              <th key={title} scope="col" class={`${numeric ? "num" : ""} ${wide ? "wide" : ""}`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
