import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { formatFields } from "../format/attributes.ts";
import { formatCount } from "../format/number.ts";
import { Select } from "../parts/choice.tsx";
import { Field } from "../parts/field.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { Pager, useCursors } from "../parts/pager.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { useResource } from "../resource.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";

type AuditEvent = RouteAnswer<"audit">["items"][number];
type Category = AuditEvent["category"];

const categories = ["platform", "application", "user", "node", "data", "supervision"] as const;

/** What people did, newest first, and whether anybody touched the log. */
export function AuditPage() {
  const { audit: word } = words.value;
  const cursors = useCursors();
  const cursor = cursors.current;
  const category = useSignal<Category | "all">("all");
  const typed = useSignal("");
  const text = useSignal("");
  const query = {
    ...(cursor && { cursor }),
    ...(category.value !== "all" && { category: category.value }),
    ...(text.value && { text: text.value }),
  };
  const page = useResource(JSON.stringify(query), () => api.call("audit", { query }));
  const find = (event: Event) => {
    event.preventDefault();
    cursors.first();
    text.value = typed.value.trim();
  };
  return (
    <Page title={word.title}>
      <Check />
      <form class="controls" onSubmit={find}>
        <Select
          name={word.category}
          options={[
            ["all", word.all] as const,
            ...categories.map((one) => [one, word.categories[one]] as const),
          ]}
          chosen={category.value}
          choose={(one) => {
            cursors.first();
            category.value = one;
          }}
        />
        <Field name={word.text} text={typed} isOptional maxLength={128} autocomplete="off" />
        <button type="submit">{word.find}</button>
      </form>
      <Loaded resource={page} isEmpty={({ items }) => items.length === 0} empty={word.empty}>
        {({ items, next }) => (
          <>
            <EventTable events={items} />
            <Pager cursors={cursors} next={next} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Check() {
  const { audit: word } = words.value;
  const check = useResource("audit check", () => api.call("auditCheck"));
  if (check.data === null) return null;
  const { events, brokenAt } = check.data;
  if (brokenAt === null) return <p class="muted">{word.whole(formatCount(events))}</p>;
  return (
    <p class="notice refused" role="alert">
      {word.broken(formatCount(brokenAt))}
    </p>
  );
}

function EventTable({ events }: { readonly events: readonly AuditEvent[] }) {
  const { audit: word } = words.value;
  return (
    <Table
      name={word.title}
      columns={[
        { title: word.time },
        { title: word.actor },
        { title: word.action },
        { title: word.target },
        { title: word.result, wide: true },
        { title: word.detail, wide: true },
      ]}
    >
      {events.map((event) => (
        <tr key={event.sequence}>
          <td>
            <Time ms={event.timeMs} as="moment" />
          </td>
          <td>{event.actor}</td>
          <td>{event.action}</td>
          <td>{event.target}</td>
          <td class="wide">{word.results[event.result]}</td>
          <td class="wide wrap">{event.detail || formatFields(event.after)}</td>
        </tr>
      ))}
    </Table>
  );
}
