import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { Field } from "./field.tsx";
import { Loaded } from "./loaded.tsx";
import { Panel } from "./panel.tsx";
import { Refusal } from "./refusal.tsx";
import { Table } from "./table.tsx";
import { Time } from "./time.tsx";
import { useSubmit } from "./use-submit.ts";

type Request = RouteAnswer<"certificateRequests">["items"][number];

/** Who waits for an operator's word. */
export function CertificateRequests({ onChange }: { readonly onChange: () => void }) {
  const { certificates: name } = words.value;
  const changes = useSignal(0);
  const head = useThrottled(headHeight.value, 3000);
  const pending = useResource(
    "certificate requests",
    () => api.call("certificateRequests", { query: { state: "pending" } }),
    `${head} ${changes.value}`,
  );
  const decided = () => {
    changes.value++;
    onChange();
  };
  return (
    <Panel title={name.requests}>
      <Loaded
        resource={pending}
        isEmpty={({ items }) => items.length === 0}
        empty={name.noRequests}
      >
        {({ items }) => (
          <Table
            name={name.requests}
            columns={[
              { title: name.subject },
              { title: name.role },
              { title: name.identity },
              { title: name.since },
              { title: name.askedBy, wide: true },
              { title: name.actions },
            ]}
          >
            {items.map((one) => (
              <RequestRow key={one.id} request={one} decided={decided} />
            ))}
          </Table>
        )}
      </Loaded>
      <p class="muted">{name.compare}</p>
    </Panel>
  );
}

interface RowProps {
  readonly request: Request;
  readonly decided: () => void;
}

function RequestRow({ request, decided }: RowProps) {
  const { identities } = words.value;
  const roles: Readonly<Record<string, string>> = identities.roles;
  return (
    <tr>
      <td>{request.name}</td>
      <td>{roles[request.role] ?? request.role}</td>
      <td>
        <code class="hash">{request.identity}</code>
      </td>
      <td>
        <Time ms={request.createdMs} as="ago" />
      </td>
      <td class="wide">{request.askedBy}</td>
      <td>
        <Decision id={request.id} decided={decided} />
      </td>
    </tr>
  );
}

function Decision({ id, decided }: { readonly id: string; readonly decided: () => void }) {
  const { certificates: name } = words.value;
  const isRejecting = useSignal(false);
  const detail = useSignal("");
  const { busy, error, submit } = useSubmit(async () => {
    const params = { id };
    if (isRejecting.value) {
      await api.call("rejectCertificateRequest", { params, body: { detail: detail.value } });
    } else {
      await api.call("approveCertificateRequest", { params });
    }
    decided();
  });
  return (
    <form onSubmit={submit}>
      {error !== null && <Refusal error={error} />}
      {isRejecting.value && (
        <Field name={name.why} text={detail} maxLength={256} autocomplete="off" />
      )}
      <div class="controls">
        <button type="submit" class={isRejecting.value ? "" : "primary"} disabled={busy}>
          {busy ? name.busy : isRejecting.value ? name.reject : name.approve}
        </button>
        <button
          type="button"
          onClick={() => {
            isRejecting.value = !isRejecting.value;
          }}
        >
          {isRejecting.value ? name.cancel : name.reject}
        </button>
      </div>
    </form>
  );
}
