import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatHex } from "@gridledger/protocol/hex";
import { kindName } from "@gridledger/protocol/ledger/kinds";
import type { TransactionRow } from "../index/query/transaction-queries.ts";

export type FindName = (identityId: string) => { readonly name: string } | undefined;

type Summary = RouteAnswer<"blockTransactions">["items"][number];

export function transactionSummary(row: TransactionRow, findIdentity: FindName): Summary {
  const { height, index, sender, bytes, meter, readings } = row;
  return {
    hash: formatHex(row.hash),
    kind: kindName(row.kind),
    senderName: findIdentity(sender)?.name ?? null,
    ...{ height, index, sender, bytes, meter, readings },
  };
}
