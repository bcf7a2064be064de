import type { Permission } from "@gridledger/protocol/api/access";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { useResource } from "../resource.ts";
import { nowMs } from "../state/clock.ts";
import { words } from "../state/language.ts";
import { api, session } from "../state/session.ts";
import { Checks } from "./checks.tsx";
import { Field } from "./field.tsx";
import { Loaded } from "./loaded.tsx";
import { Panel } from "./panel.tsx";
import { Refusal } from "./refusal.tsx";
import { Secret } from "./secret.tsx";
import { Table } from "./table.tsx";
import { Time } from "./time.tsx";
import { useSubmit } from "./use-submit.ts";

type Token = RouteAnswer<"tokens">["items"][number];

/** The caller's API tokens: made, seen, revoked. */
export function TokensPanel() {
  const { own: word } = words.value;
  const tokens = useResource("tokens", () => api.call("tokens"));
  const revoked = useSignal("");
  const { busy, error, submit } = useSubmit(async () => {
    await api.call("revokeToken", { params: { id: revoked.value } });
    tokens.reload();
  });
  const revoke = (id: string, event: Event) => {
    revoked.value = id;
    submit(event);
  };
  return (
    <>
      <Panel title={word.tokens}>
        <p class="muted">{word.tokensNote}</p>
        {error !== null && <Refusal error={error} />}
        <Loaded resource={tokens} isEmpty={({ items }) => items.length === 0} empty={word.noTokens}>
          {({ items }) => <TokenTable tokens={items} busy={busy} revoke={revoke} />}
        </Loaded>
      </Panel>
      <Panel title={word.addToken} class="narrow">
        <AddTokenForm done={tokens.reload} />
      </Panel>
    </>
  );
}

interface TokenTableProps {
  readonly tokens: readonly Token[];
  readonly busy: boolean;
  readonly revoke: (id: string, event: Event) => void;
}

function TokenTable({ tokens, busy, revoke }: TokenTableProps) {
  const { own: word, permissions } = words.value;
  return (
    <Table
      name={word.tokens}
      columns={[
        { title: word.token },
        { title: word.scope, wide: true },
        { title: word.expires },
        { title: word.used, wide: true },
        { title: word.revoke },
      ]}
    >
      {tokens.map((token) => (
        <tr key={token.id}>
          <td>{token.name}</td>
          <td class="wide">{token.permissions.map((one) => permissions[one]).join(", ")}</td>
          <td>
            <Time ms={token.expiresMs} as="since" />
          </td>
          <td class="wide">
            {token.usedMs === null ? word.never : <Time ms={token.usedMs} as="ago" />}
          </td>
          <td>
            {overBy(token) ?? (
              <button
                type="button"
                class="small"
                disabled={busy}
                aria-label={word.revokeName(token.name)}
                onClick={(event) => revoke(token.id, event)}
              >
                {word.revoke}
              </button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function overBy({ revokedMs, expiresMs }: Token): string | undefined {
  const { own: word } = words.value;
  if (revokedMs !== null) return word.revoked;
  return expiresMs <= nowMs.value ? word.expired : undefined;
}

function AddTokenForm({ done }: { readonly done: () => void }) {
  const { own: word, permissions } = words.value;
  const name = useSignal("");
  const chosen = useSignal<readonly Permission[]>([]);
  const made = useSignal<RouteAnswer<"addToken"> | null>(null);
  const { busy, error, submit } = useSubmit(async () => {
    made.value = null;
    const body = { name: name.value.trim(), permissions: [...chosen.value] };
    made.value = await api.call("addToken", { body });
    name.value = "";
    chosen.value = [];
    done();
  });
  const held = session.value?.permissions.filter((one) => !one.startsWith("account.")) ?? [];
  return (
    <form onSubmit={submit}>
      {error !== null && <Refusal error={error} />}
      <Field name={word.tokenName} text={name} maxLength={64} autocomplete="off" />
      <Checks
        name={word.scope}
        options={held.map((one) => [one, permissions[one]] as const)}
        chosen={chosen}
      />
      <button type="submit" class="primary" disabled={busy || chosen.value.length === 0}>
        {word.create}
      </button>
      {made.value && (
        <Secret title={word.secret(made.value.token.name)} secret={made.value.secret} />
      )}
    </form>
  );
}
