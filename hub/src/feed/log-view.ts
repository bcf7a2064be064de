import type { ContractLog } from "@gridledger/protocol/api/contracts-contract";
import { formatAddress } from "@gridledger/protocol/contracts/address";
import { formatHex } from "@gridledger/protocol/hex";
import type { LogRow } from "../index/contracts/contract-queries.ts";

/** A log as REST, the event stream and webhooks tell it. */
export function logView(row: LogRow): ContractLog {
  return {
    ...{ height: row.height, index: row.index, transactionIndex: row.txIndex },
    address: formatAddress(row.address),
    topics: row.topics.map((topic) => `0x${formatHex(topic)}`),
    data: `0x${formatHex(row.data)}`,
  };
}
