import { monotonicMs } from "../../engine/monotonic-clock.ts";
import { BlockReader } from "../ethereum/block-reader.ts";
import { CallGate } from "../ethereum/call-gate.ts";
import type { EthereumSource } from "../ethereum/ethereum-source.ts";
import { Filters } from "../ethereum/filters.ts";
import { LogSearch } from "../ethereum/log-search.ts";
import { RawSender } from "../ethereum/raw-sender.ts";
import type { RpcMethod } from "../rpc-method.ts";
import { ethereumChainMethods } from "./ethereum-chain-methods.ts";
import { ethereumLogMethods } from "./ethereum-log-methods.ts";
import { ethereumStateMethods } from "./ethereum-state-methods.ts";

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms >= 1) setTimeout(resolve, ms);
    else setImmediate(resolve);
  });
}

/** The JSON-RPC of Ethereum, as far as contracts need it (ADR 027). */
export function ethereumMethods(source: EthereumSource): readonly RpcMethod[] {
  const reader = new BlockReader(source);
  const search = new LogSearch(source, reader);
  const gate = new CallGate({ clock: monotonicMs, sleep });
  const sender = new RawSender(source);
  const filters = new Filters(monotonicMs);
  return [
    ...ethereumChainMethods({ source, reader, sender }),
    ...ethereumStateMethods({ source, reader, gate }),
    ...ethereumLogMethods({ source, reader, search, filters }),
  ];
}
