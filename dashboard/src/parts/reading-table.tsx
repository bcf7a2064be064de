import { useSignal } from "@preact/signals";
import type { CurvePoint } from "../curve.ts";
import { formatCount } from "../format/number.ts";
import { formatQuantity } from "../format/register.ts";
import { formatDuration } from "../format/time.ts";
import { words } from "../state/language.ts";
import { standingText } from "./corrections.tsx";
import { ShortHash } from "./hash.tsx";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";
import { Time } from "./time.tsx";

const rowsAtOnce = 50;

interface ReadingTableProps {
  readonly points: readonly CurvePoint[];
  readonly hasPower: boolean;
}

/** Readings newest first; a gap has a row of its own, so that what is missing is as visible as what is there. */
export function ReadingTable({ points, hasPower }: ReadingTableProps) {
  const { meter: name } = words.value;
  const shownRows = useSignal(rowsAtOnce);
  const shown = points.toReversed().slice(0, shownRows.value);
  const columns = [
    { title: name.time },
    { title: name.value, numeric: true },
    ...(hasPower ? [{ title: name.powerColumn, numeric: true }] : []),
    { title: name.sequence, numeric: true },
    { title: name.block, numeric: true },
    { title: name.transaction },
  ];
  return (
    <Panel
      title={name.readingsTable}
      aside={<span class="muted">{name.readingsCount(formatCount(points.length))}</span>}
    >
      <Table name={name.readingsTable} columns={columns}>
        {shown.flatMap((point) => [
          <ReadingRow key={point.reading.timeMs} point={point} hasPower={hasPower} />,
          point.gap && (
            <tr key={`gap ${point.reading.timeMs}`} class="gap">
              <td colSpan={columns.length}>
                {name.gap(formatDuration(point.gap.ms), formatCount(point.gap.missing))}
              </td>
            </tr>
          ),
        ])}
      </Table>
      {points.length > shownRows.value && (
        <button
          type="button"
          onClick={() => {
            shownRows.value += rowsAtOnce * 4;
          }}
        >
          {name.more}
        </button>
      )}
    </Panel>
  );
}

interface ReadingRowProps {
  readonly point: CurvePoint;
  readonly hasPower: boolean;
}

function ReadingRow({ point: { reading, shown, power }, hasPower }: ReadingRowProps) {
  return (
    <tr>
      <td>
        <Time ms={reading.timeMs} as="moment" />
      </td>
      <td class="num">
        {reading.correction && (
          <>
            <a href={`/transactions/${reading.correction.transaction}`}>
              {standingText(reading.correction, reading)}
            </a>{" "}
          </>
        )}
        <Read shown={shown} isCorrected={reading.correction !== null} />
      </td>
      {hasPower && <td class="num">{power === null ? "" : formatQuantity(power)}</td>}
      <td class="num">{formatCount(reading.sequence)}</td>
      <td class="num">
        <a href={`/blocks/${reading.height}`}>{formatCount(reading.height)}</a>
      </td>
      <td>
        <a href={`/transactions/${reading.txHash}`}>
          <ShortHash text={reading.txHash} />
        </a>
      </td>
    </tr>
  );
}

interface ReadProps {
  readonly shown: CurvePoint["shown"];
  readonly isCorrected: boolean;
}

/** What was signed; struck out where something else stands. */
function Read({ shown, isCorrected }: ReadProps) {
  const text = shown === null ? words.value.meter.none : formatQuantity(shown);
  return isCorrected ? <s class="muted">{text}</s> : <span>{text}</span>;
}
