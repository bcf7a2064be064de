import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface PanelProps {
  readonly title: ComponentChildren;
  readonly aside?: ComponentChildren;
  readonly class?: string;
  /** What a link on the page may lead to. */
  readonly anchor?: string;
  readonly children: ComponentChildren;
}

export function Panel({ title, aside, class: extra = "", anchor, children }: PanelProps) {
  const id = useId();
  return (
    <section id={anchor} class={`panel ${extra}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
