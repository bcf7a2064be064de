import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { formatQuantity, quantity, registerName } from "../format/register.ts";
import { useResource } from "../resource.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { ShortHash } from "./hash.tsx";
import { Identity } from "./identity.tsx";
import { Loaded } from "./loaded.tsx";
import { Pager, useCursors } from "./pager.tsx";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";
import { Time } from "./time.tsx";

type Correction = RouteAnswer<"corrections">["items"][number];
type Value = Correction["values"][number];

interface CorrectionsProps {
  readonly meter: string;
  readonly revision: number | null;
}

/** What was said of one meter's readings afterwards, newest first (guide §4.4.1 a). */
export function Corrections({ meter, revision }: CorrectionsProps) {
  const { correction: name } = words.value;
  const cursors = useCursors();
  const cursor = cursors.current;
  const page = useResource(
    `corrections ${meter} ${cursor}`,
    () => {
      const query = { limit: 20, ...(cursor && { cursor }) };
      return api.call("corrections", { params: { meter }, query });
    },
    revision,
  );
  const isEmpty = ({ items }: RouteAnswer<"corrections">) => items.length === 0;
  return (
    <Panel title={name.title} aside={<span class="muted">{name.about}</span>}>
      <Loaded resource={page} isEmpty={isEmpty} empty={name.none}>
        {({ items, next }) => (
          <>
            <Table
              name={name.title}
              columns={[
                ...[{ title: name.number, numeric: true }, { title: name.time }],
                ...[{ title: name.register }, { title: name.was, numeric: true }],
                ...[{ title: name.is, numeric: true }, { title: name.reason }],
                ...[{ title: name.by }, { title: name.agreed }, { title: name.record }],
              ]}
            >
              {items.flatMap((one) =>
                one.values.map((value) => (
                  <CorrectionRow
                    key={`${one.number} ${value.timeMs} ${value.obis}`}
                    correction={one}
                    value={value}
                  />
                )),
              )}
            </Table>
            <Pager cursors={cursors} next={next} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

interface RowProps {
  readonly correction: Correction;
  readonly value: Value;
}

function CorrectionRow({ correction: one, value }: RowProps) {
  const { correction: name } = words.value;
  return (
    <tr>
      <td class="num">{formatCount(one.number)}</td>
      <td>
        <Time ms={value.timeMs} as="moment" />
      </td>
      <td>{registerName(value.obis)}</td>
      <td class="num">{standingText(value.old, value)}</td>
      <td class="num">{standingText(value.new, value)}</td>
      <td title={one.words}>{name.reasons[one.reason]}</td>
      <td>
        <Identity id={one.sender} name={one.senderName} />
      </td>
      <td>
        {one.agreedBy === null ? "–" : <Identity id={one.agreedBy} name={one.agreedByName} />}
      </td>
      <td>
        <a href={`/transactions/${one.transaction}`}>
          <ShortHash text={one.transaction} />
        </a>
      </td>
    </tr>
  );
}

interface Scale {
  readonly scaler: number;
  readonly unit: string;
}

/** What stands, with how it came about where that is not the reading itself. */
export function standingText({ status, value }: Value["old"], { scaler, unit }: Scale): string {
  const { correction: name, meter } = words.value;
  const text = value === null ? meter.none : formatQuantity(quantity(value, scaler, unit));
  if (status === "original") return text;
  return status === "void" ? name.statuses.void : `${text} · ${name.statuses[status]}`;
}
