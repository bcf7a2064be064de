import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatQuantity, quantity, registerName, shownUnit } from "../format/register.ts";
import { words } from "../state/language.ts";
import { Panel } from "./panel.tsx";
import { Table } from "./table.tsx";
import { Time } from "./time.tsx";

type Batch = NonNullable<RouteAnswer<"transaction">["batch"]>;

/** A reading batch as signed: one row a time, one column a register. */
export function BatchTable({ batch }: { readonly batch: Batch }) {
  const { transaction: name, meter } = words.value;
  return (
    <Panel title={name.batch}>
      <Table
        name={name.batch}
        columns={[
          { title: name.time },
          ...batch.registers.map(({ obis, unit }) => ({
            title: `${registerName(obis)} (${shownUnit(unit) || obis})`,
            numeric: true,
          })),
        ]}
      >
        {batch.timesMs.map((timeMs, row) => (
          <tr key={timeMs}>
            <td>
              <Time ms={timeMs} as="moment" />
            </td>
            {batch.registers.map(({ obis, unit, scaler, values }) => {
              const value = values[row] ?? null;
              return (
                <td key={obis} class="num">
                  {value === null
                    ? meter.none
                    : formatQuantity({ ...quantity(value, scaler, unit), unit: "" })}
                </td>
              );
            })}
          </tr>
        ))}
      </Table>
    </Panel>
  );
}
