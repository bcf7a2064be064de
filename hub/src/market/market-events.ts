import { formatHex } from "@gridledger/protocol/hex";
import { energyMarket } from "@gridledger/protocol/library/artifacts/energy-market";
import { meterRegistry } from "@gridledger/protocol/library/artifacts/meter-registry";
import { decodeEventLog, type Hex } from "viem";
import type { LogRow } from "../index/contracts/contract-queries.ts";

const abi = [...energyMarket.abi, ...meterRegistry.abi] as const;

/** What the market or the registry of meters said, by the name of the event. */
export function readMarketEvent({ topics, data }: Pick<LogRow, "topics" | "data">) {
  const hex = (bytes: Uint8Array): Hex => `0x${formatHex(bytes)}`;
  const [first, ...rest] = topics.map(hex);
  if (first === undefined) return undefined;
  try {
    return decodeEventLog({ abi, topics: [first, ...rest], data: hex(data) });
  } catch {
    return undefined; // of a version that this hub does not know
  }
}

export type MarketEvent = NonNullable<ReturnType<typeof readMarketEvent>>;
