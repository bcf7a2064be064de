import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { CertificateRequests } from "../parts/certificate-requests.tsx";
import { CertificateRow } from "../parts/certificate-row.tsx";
import { Choice } from "../parts/choice.tsx";
import { EnrolmentCodes } from "../parts/enrolment-codes.tsx";
import { ExpiryWarning } from "../parts/expiry-warning.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { Pager, useCursors } from "../parts/pager.tsx";
import { Table } from "../parts/table.tsx";
import { useResource, useThrottled } from "../resource.ts";
import { headHeight } from "../state/chain.ts";
import { words } from "../state/language.ts";
import { api, may } from "../state/session.ts";

type Certificate = RouteAnswer<"certificates">["items"][number];
type Shown = "all" | Certificate["state"];

export function CertificatesPage() {
  const { certificates: name } = words.value;
  const shown = useSignal<Shown>("all");
  const changes = useSignal(0);
  const cursors = useCursors();
  const cursor = cursors.current;
  const head = useThrottled(headHeight.value, 3000);
  const state = shown.value;
  const page = useResource(
    `certificates ${state} ${cursor}`,
    () => {
      const query = { limit: 50, ...(cursor && { cursor }), ...(state !== "all" && { state }) };
      return api.call("certificates", { query });
    },
    `${head} ${changes.value}`,
  );
  const onChange = () => {
    changes.value++;
  };
  const choose = (next: Shown) => {
    shown.value = next;
    cursors.first();
  };
  const options = (["all", "valid", "expired", "revoked"] as const).map(
    (one) => [one, name.states[one]] as const,
  );
  return (
    <Page title={name.title}>
      <ExpiryWarning revision={`${head} ${changes.value}`} />
      {may("certificate.approve") && <CertificateRequests onChange={onChange} />}
      <Choice name={name.state} options={options} chosen={state} choose={choose} />
      <Loaded resource={page} isEmpty={({ items }) => items.length === 0} empty={name.empty}>
        {({ items, next }) => (
          <>
            <CertificateTable certificates={items} onChange={onChange} />
            <Pager cursors={cursors} next={next} />
          </>
        )}
      </Loaded>
      {may("certificate.approve") && <EnrolmentCodes />}
    </Page>
  );
}

interface TableProps {
  readonly certificates: readonly Certificate[];
  readonly onChange: () => void;
}

function CertificateTable({ certificates, onChange }: TableProps) {
  const { certificates: name } = words.value;
  return (
    <Table
      name={name.title}
      columns={[
        { title: name.subject },
        { title: name.role },
        { title: name.purpose },
        { title: name.state },
        { title: name.until },
        { title: name.serial, wide: true },
        { title: name.actions },
      ]}
    >
      {certificates.map((one) => (
        <CertificateRow key={one.serial} certificate={one} onChange={onChange} />
      ))}
    </Table>
  );
}
