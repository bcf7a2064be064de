import type { RouteAnswer, RouteInput } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { useResource } from "../resource.ts";
import { words } from "../state/language.ts";
import { api, may } from "../state/session.ts";
import { Select } from "./choice.tsx";
import { Field } from "./field.tsx";
import { CopyButton } from "./hash.tsx";
import { Loaded } from "./loaded.tsx";
import { Panel } from "./panel.tsx";
import { Refusal } from "./refusal.tsx";
import { Table } from "./table.tsx";
import { Time } from "./time.tsx";
import { useSubmit } from "./use-submit.ts";

type Made = RouteAnswer<"createEnrolmentCode">;
type Role = RouteInput<"createEnrolmentCode">["body"]["role"];

/** One-time codes: made here, shown once, and what became of them. */
export function EnrolmentCodes() {
  const { certificates: name } = words.value;
  const changes = useSignal(0);
  const codes = useResource(
    "enrolment codes",
    () => api.call("enrolmentCodes", { query: { limit: 20 } }),
    changes.value,
  );
  return (
    <Panel title={name.codes}>
      {may("identity.enrol") && (
        <CodeForm
          made={() => {
            changes.value++;
          }}
        />
      )}
      <Loaded resource={codes} isEmpty={({ items }) => items.length === 0} empty={name.noCodes}>
        {({ items }) => (
          <Table
            name={name.codes}
            columns={[
              { title: name.subject },
              { title: name.role },
              { title: name.state },
              { title: name.until },
              { title: name.askedBy, wide: true },
            ]}
          >
            {items.map((one) => (
              <CodeRow key={one.id} code={one} />
            ))}
          </Table>
        )}
      </Loaded>
    </Panel>
  );
}

function CodeRow({ code }: { readonly code: RouteAnswer<"enrolmentCodes">["items"][number] }) {
  const { certificates: name, identities } = words.value;
  const roles: Readonly<Record<string, string>> = identities.roles;
  return (
    <tr>
      <td>{code.name}</td>
      <td>{roles[code.role] ?? code.role}</td>
      <td>{name.codeStates[code.state]}</td>
      <td>
        <Time ms={code.expiresMs} as="full" />
      </td>
      <td class="wide">{code.createdBy}</td>
    </tr>
  );
}

function CodeForm({ made }: { readonly made: () => void }) {
  const { certificates: word, identities } = words.value;
  const name = useSignal("");
  const role = useSignal<Role>("device");
  const shown = useSignal<Made | null>(null);
  const { busy, error, submit } = useSubmit(async () => {
    shown.value = null;
    const body = { name: name.value.trim(), role: role.value };
    shown.value = await api.call("createEnrolmentCode", { body });
    name.value = "";
    made();
  });
  const roles = (["device", "application", "operator", "candidate"] as const).map(
    (one) => [one, identities.roles[one]] as const,
  );
  return (
    <form class="narrow" onSubmit={submit}>
      <p class="muted">{word.codeNote}</p>
      {error !== null && <Refusal error={error} />}
      <Field name={word.subject} text={name} maxLength={64} autocomplete="off" />
      <Select
        name={word.role}
        options={roles}
        chosen={role.value}
        choose={(one) => {
          role.value = one;
        }}
      />
      <button type="submit" class="primary" disabled={busy}>
        {busy ? word.busy : word.makeCode}
      </button>
      <div role="status">{shown.value && <ShownCode made={shown.value} />}</div>
    </form>
  );
}

function ShownCode({ made: { code, name: subject } }: { readonly made: Made }) {
  const { certificates: name } = words.value;
  return (
    <>
      <p>{name.codeOnce(subject)}</p>
      <p class="command">
        <code>{code}</code>
        <CopyButton text={code} name={name.code} />
      </p>
    </>
  );
}
