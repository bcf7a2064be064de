import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { MarketRules } from "@gridledger/protocol/api/market-contract";
import { formatMoney } from "../../format/money.ts";
import { formatCount } from "../../format/number.ts";
import { words } from "../../state/language.ts";
import { Panel } from "../panel.tsx";
import { Table } from "../table.tsx";

interface BalancesProps {
  readonly participants: RouteAnswer<"marketParticipants">["items"];
  readonly rules: MarketRules | null;
}

/** Everybody's, the largest first. */
export function Balances({ participants, rules }: BalancesProps) {
  const { market: name } = words.value;
  const sorted = participants.toSorted((a, b) => Number(BigInt(b.balance) - BigInt(a.balance)));
  if (sorted.length === 0) {
    return (
      <Panel title={name.balances}>
        <p class="notice">{name.none}</p>
      </Panel>
    );
  }
  return (
    <Panel title={name.balances}>
      <Table
        name={name.balances}
        columns={[
          { title: name.who },
          { title: name.settlements, numeric: true },
          { title: name.balance, numeric: true },
        ]}
      >
        {sorted.map(({ address, name: known, balance, settlements }) => (
          <tr key={address}>
            <td>
              {known ?? address.slice(0, 10)}
              {address === rules?.balancing.address && ` (${name.balancing})`}
            </td>
            <td class="num">{formatCount(settlements)}</td>
            <td class="num">{formatMoney(balance)}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}
