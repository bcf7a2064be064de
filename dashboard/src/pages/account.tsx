import { useSignal } from "@preact/signals";
import { Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { Panel } from "../parts/panel.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { SignInHint } from "../parts/sign-in-hint.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { TokensPanel } from "../parts/tokens.tsx";
import { useSubmit } from "../parts/use-submit.ts";
import { useResource } from "../resource.ts";
import { words } from "../state/language.ts";
import { api, may, session } from "../state/session.ts";

/** The caller's own roles, sessions and tokens. */
export function AccountPage() {
  const { own: word, nav } = words.value;
  if (!session.value?.signedIn) {
    return (
      <Page title={word.title}>
        <SignInHint />
      </Page>
    );
  }
  return (
    <Page
      title={word.title}
      aside={
        <a class="button" href="/password">
          {nav.password}
        </a>
      }
    >
      <Rights />
      {may("account.manage") && (
        <>
          <SessionsPanel />
          <TokensPanel />
        </>
      )}
    </Page>
  );
}

function Rights() {
  const { own: word, identities, permissions, users } = words.value;
  const { roles = [], permissions: held = [] } = session.value ?? {};
  return (
    <Panel title={session.value?.user ?? ""}>
      <p>
        {word.roles}: {roles.map((role) => identities.roles[role]).join(", ") || users.none}
      </p>
      <p class="muted">
        {word.permissions}: {held.map((one) => permissions[one]).join(" · ")}
      </p>
    </Panel>
  );
}

function SessionsPanel() {
  const { own: word } = words.value;
  const sessions = useResource("sessions", () => api.call("sessions"));
  const ended = useSignal("");
  const { busy, error, submit } = useSubmit(async () => {
    await api.call("endSession", { params: { id: ended.value } });
    sessions.reload();
  });
  return (
    <Panel title={word.sessions}>
      {error !== null && <Refusal error={error} />}
      <Loaded
        resource={sessions}
        isEmpty={({ items }) => items.length === 0}
        empty={word.noSessions}
      >
        {({ items }) => (
          <Table
            name={word.sessions}
            columns={[
              { title: word.address },
              { title: word.since, wide: true },
              { title: word.seen },
              { title: word.ends, wide: true },
              { title: word.end },
            ]}
          >
            {items.map(({ id, address, createdMs, seenMs, expiresMs, own }) => (
              <tr key={id}>
                <td>{address}</td>
                <td class="wide">
                  <Time ms={createdMs} as="full" />
                </td>
                <td>
                  <Time ms={seenMs} as="ago" />
                </td>
                <td class="wide">
                  <Time ms={expiresMs} as="full" />
                </td>
                <td>
                  {own ? (
                    word.here
                  ) : (
                    <button
                      type="button"
                      class="small"
                      disabled={busy}
                      aria-label={word.endName(address)}
                      onClick={(event) => {
                        ended.value = id;
                        submit(event);
                      }}
                    >
                      {word.end}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
    </Panel>
  );
}
