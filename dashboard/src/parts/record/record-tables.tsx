import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../../format/number.ts";
import { words } from "../../state/language.ts";
import { objectWords } from "../../words/objects.ts";
import { Panel } from "../panel.tsx";
import { Table } from "../table.tsx";
import { Time } from "../time.tsx";
import { BundleButton } from "./bundle-button.tsx";

type MeterRecord = RouteAnswer<"completeness">;
/** More are no help to the eye. */
const MAX_ROWS = 100;

export function GapTable({ gaps }: { readonly gaps: MeterRecord["missing"] }) {
  const name = objectWords.value;
  const columns = [
    { title: name.from },
    { title: name.to },
    { title: name.intervals, numeric: true },
  ];
  return (
    <Panel title={name.gaps}>
      <Table name={name.gaps} columns={columns}>
        {gaps.slice(0, MAX_ROWS).map(({ fromMs, toMs, intervals }) => (
          <tr key={fromMs}>
            <td>
              <Time ms={fromMs} as="full" />
            </td>
            <td>
              <Time ms={toMs} as="full" />
            </td>
            <td class="num">{formatCount(intervals)}</td>
          </tr>
        ))}
      </Table>
      <Rest count={gaps.length} />
    </Panel>
  );
}

export function FindingTable({ findings }: { readonly findings: MeterRecord["findings"] }) {
  const name = objectWords.value;
  const columns = [
    ...[{ title: name.at }, { title: name.finding }],
    ...[
      { title: "OBIS", wide: true },
      { title: name.block, numeric: true },
    ],
  ];
  return (
    <Panel title={name.findings}>
      <Table name={name.findings} columns={columns}>
        {findings.slice(0, MAX_ROWS).map(({ kind, timeMs, obis, height, transaction, ...now }) => (
          <tr key={`${timeMs} ${kind} ${obis}`}>
            <td>
              <Time ms={timeMs} as="full" />
            </td>
            <td>
              {name.kinds[kind]} <FindingState {...now} />
            </td>
            <td class="wide">{obis ?? "–"}</td>
            <td class="num">
              <a href={`/transactions/${transaction}`}>{formatCount(height)}</a>
            </td>
          </tr>
        ))}
      </Table>
      <Rest count={findings.length} />
    </Panel>
  );
}

/** What corrections have to do with it; nothing where it is as it was read. */
function FindingState({
  state,
  correction,
}: Pick<MeterRecord["findings"][number], "state" | "correction">) {
  if (correction === null || state === "open") return null;
  return (
    <a href={`/transactions/${correction.transaction}`}>
      {words.value.correction.findings[state](formatCount(correction.number))}
    </a>
  );
}

/** The run of batches that shows that there are no others. */
export function BatchRun({ batches }: { readonly batches: MeterRecord["batches"] }) {
  const name = objectWords.value;
  const columns = [
    ...[
      { title: name.sequence, numeric: true },
      { title: name.from },
      { title: name.to, wide: true },
    ],
    ...[
      { title: name.there, numeric: true },
      { title: name.block, numeric: true },
    ],
    { title: name.evidence },
  ];
  return (
    <Panel title={name.proof}>
      <p>
        {name.proofNote}{" "}
        <a href="/verify.html" target="_blank" rel="noopener">
          {name.verifier}
        </a>
      </p>
      <Table name={name.proof} columns={columns}>
        {batches.slice(-MAX_ROWS).map((batch) => (
          <tr key={batch.sequence}>
            <td class="num">{formatCount(batch.sequence)}</td>
            <td>
              <Time ms={batch.firstTimeMs} as="full" />
            </td>
            <td class="wide">
              <Time ms={batch.lastTimeMs} as="full" />
            </td>
            <td class="num">{formatCount(batch.readings)}</td>
            <td class="num">
              <a href={`/transactions/${batch.transaction}`}>{formatCount(batch.height)}</a>
            </td>
            <td>
              <BundleButton transaction={batch.transaction} name={String(batch.sequence)} />
            </td>
          </tr>
        ))}
      </Table>
      <Rest count={batches.length} />
    </Panel>
  );
}

function Rest({ count }: { readonly count: number }) {
  if (count <= MAX_ROWS) return null;
  return <p class="muted">{objectWords.value.more(formatCount(count - MAX_ROWS))}</p>;
}
