import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { routePaths } from "@gridledger/protocol/api/paths";
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
import { auditWords } from "../words/audit.ts";

type AuditEvent = RouteAnswer<"audit">["items"][number];
type Category = AuditEvent["category"];

const categories = ["platform", "application", "user", "node", "data", "supervision"] as const;

/** What people did, newest first, and whether anybody touched the log. */
export function AuditPage() {
  const word = auditWords.value;
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
    text.value = actionCode(typed.value.trim());
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
  const word = auditWords.value;
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
  const word = auditWords.value;
  return (
    <Table
      name={word.title}
      columns={[
        { title: word.time },
        { title: word.actor },
        { title: word.action },
        { title: word.result },
        { title: word.target },
        { title: word.detail },
      ]}
    >
      {events.map((event) => (
        <tr key={event.sequence}>
          <td>
            <Time ms={event.timeMs} as="moment" />
          </td>
          <td class="name">{event.actor}</td>
          <td class="name" title={event.action}>
            {actionName(event.action)}
          </td>
          <td class={event.result === "refused" ? "wrong" : ""}>{word.results[event.result]}</td>
          <td class="name">{event.target}</td>
          <td class="wrap">{detailOf(event)}</td>
        </tr>
      ))}
    </Table>
  );
}

/** A refused call bears the name of its route, and is told by what it takes the right to. */
function actionName(code: string): string {
  const named = auditWords.value.actions[code];
  if (named !== undefined) return named;
  const permission = Object.entries(routePaths).find(([route]) => route === code)?.[1].permission;
  if (permission === undefined || permission === "public") return code;
  return words.value.permissions[permission];
}

/** The log is searched by code: the word that stands for one finds it too. */
function actionCode(text: string): string {
  const sought = text.toLowerCase();
  const found = Object.entries(auditWords.value.actions).find(
    ([, name]) => name.toLowerCase() === sought,
  );
  return found?.[0] ?? text;
}

function detailOf({ detail, after }: AuditEvent): string {
  const [, key, address] = /^(by key )?from (\S+)$/.exec(detail ?? "") ?? [];
  if (address === undefined) return detail || formatFields(after);
  const { by } = auditWords.value;
  return key === undefined ? by.password(address) : by.key(address);
}
