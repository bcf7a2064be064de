import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { Panel } from "../parts/panel.tsx";
import { KeptKeys, RecoveryRequests } from "../parts/recovery-tables.tsx";
import { RecoveryWaiting } from "../parts/recovery-waiting.tsx";
import { SignInHint } from "../parts/sign-in-hint.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api, may, session } from "../state/session.ts";

/** For custodians, requesters and owners; what only a machine of theirs may do is a command to copy. */
export function RecoveryPage() {
  const { recovery: word } = words.value;
  const head = useThrottled(headHeight.value, 3000);
  if (!session.value?.signedIn) {
    return (
      <Page title={word.title}>
        <SignInHint />
      </Page>
    );
  }
  return (
    <Page title={word.title}>
      <p class="muted">{word.note}</p>
      {/* Who sees certificates sees kept keys; others see what they are told. */}
      {may("certificate.read") && <Everything revision={head} />}
      <Notices revision={head} />
    </Page>
  );
}

function Everything({ revision }: { readonly revision: unknown }) {
  const { recovery: word } = words.value;
  const requests = useResource("requests", () => api.call("recoveryRequests"), revision);
  const keys = useResource("kept keys", () => api.call("recoveryKeys"), revision);
  return (
    <>
      <Panel title={word.waiting}>
        <Loaded
          resource={requests}
          isEmpty={({ items }) => items.every(({ waiting }) => waiting === null)}
          empty={word.nothing}
        >
          {({ items }) => <RecoveryWaiting requests={items} />}
        </Loaded>
      </Panel>
      <Panel title={word.requests}>
        <Loaded
          resource={requests}
          isEmpty={({ items }) => items.length === 0}
          empty={word.noRequests}
        >
          {({ items }) => <RecoveryRequests requests={items} />}
        </Loaded>
      </Panel>
      <Panel title={word.keys}>
        <Loaded resource={keys} isEmpty={({ items }) => items.length === 0} empty={word.noKeys}>
          {({ items }) => <KeptKeys keys={items} />}
        </Loaded>
      </Panel>
    </>
  );
}

function Notices({ revision }: { readonly revision: unknown }) {
  const { recovery: word } = words.value;
  const notices = useResource("notices", () => api.call("recoveryNotices"), revision);
  return (
    <Panel title={word.notices}>
      <Loaded resource={notices} isEmpty={({ items }) => items.length === 0} empty={word.noNotices}>
        {({ items }) => <NoticeTable notices={items} />}
      </Loaded>
    </Panel>
  );
}

function NoticeTable({ notices }: { readonly notices: RouteAnswer<"recoveryNotices">["items"] }) {
  const { recovery: word } = words.value;
  return (
    <Table
      name={word.notices}
      columns={[
        { title: word.when },
        { title: word.what },
        { title: word.key },
        { title: word.by },
        { title: word.detail, wide: true },
      ]}
    >
      {notices.map(({ position, timeMs, what, label, by, detail }) => (
        <tr key={position}>
          <td>
            <Time ms={timeMs} as="full" />
          </td>
          <td>{word.whats[what]}</td>
          <td>{label}</td>
          <td>{by.name ?? by.id}</td>
          <td class="wide">{detail}</td>
        </tr>
      ))}
    </Table>
  );
}
