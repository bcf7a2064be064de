import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { words } from "../state/language.ts";
import { may } from "../state/session.ts";
import { ShortHash } from "./hash.tsx";
import { Identity } from "./identity.tsx";
import { CommandLine } from "./recovery-waiting.tsx";
import { Table } from "./table.tsx";
import { Time } from "./time.tsx";

type Request = RouteAnswer<"recoveryRequests">["items"][number];
type Key = RouteAnswer<"recoveryKeys">["items"][number];

export function RecoveryRequests({ requests }: { readonly requests: readonly Request[] }) {
  const { recovery: word } = words.value;
  return (
    <Table
      name={word.requests}
      columns={[
        { title: word.key },
        { title: word.requester },
        { title: word.reason, wide: true },
        { title: word.legalBasis, wide: true },
        { title: word.state },
        { title: word.shares },
        { title: word.until },
      ]}
    >
      {requests.map((one) => (
        <tr key={one.id}>
          <td>{one.label}</td>
          <td>
            <Identity {...one.requester} />
          </td>
          <td class="wide">{one.reason}</td>
          <td class="wide">{one.legalBasis}</td>
          <td>{word.states[one.state]}</td>
          <td>
            <Shares request={one} />
          </td>
          <td>
            <Time ms={one.expiresMs} as="full" />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Shares({ request: { custodians, threshold } }: { readonly request: Request }) {
  const { recovery: word } = words.value;
  const released = custodians.filter(({ share }) => share === "released").length;
  return (
    <>
      {word.ofMany(formatCount(released), formatCount(threshold))}
      <ul class="muted">
        {custodians.map(({ place, name, id, organisation, share }) => (
          <li key={place}>
            {name ?? id} ({organisation}): {word.shareOf[share]}
          </li>
        ))}
      </ul>
    </>
  );
}

export function KeptKeys({ keys }: { readonly keys: readonly Key[] }) {
  const { recovery: word } = words.value;
  const [first] = keys;
  return (
    <>
      <Table
        name={word.keys}
        columns={[
          { title: word.key },
          { title: word.owner },
          { title: word.needed },
          { title: word.custodians, wide: true },
        ]}
      >
        {keys.map(({ publicKey, label, owner, threshold, custodians, height }) => (
          <tr key={publicKey}>
            <td>
              {label} <ShortHash text={publicKey} /> {height === null && word.unrecorded}
            </td>
            <td>
              <Identity {...owner} />
            </td>
            <td>{word.ofMany(formatCount(threshold), formatCount(custodians.length))}</td>
            <td class="wide">{custodians.map(({ organisation }) => organisation).join(", ")}</td>
          </tr>
        ))}
      </Table>
      {may("certificate.approve") && first && (
        <>
          <p class="muted">{word.ask}</p>
          <CommandLine
            text={`gridledger recovery request ${first.publicKey} --key me.key --reason "…" --legal-basis "…" --new-key new.key`}
          />
        </>
      )}
    </>
  );
}
