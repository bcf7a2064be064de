import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Status } from "@gridledger/protocol/messages/status";
import type { Head } from "../chain/head.ts";

/** A running node as its RPC sees it. */
export interface NodeView {
  readonly name: string;
  readonly chain: Chain;
  /** Identity id in hex. */
  readonly id: string;
  /** Unix time in ms. */
  readonly startedMs: number;
  readonly head: Head;
  /** Round in which the engine last signed. */
  readonly round: number;
  /** Transactions that wait. */
  readonly poolSize: number;
  /** Whether a broker is there. */
  readonly isConnected: boolean;
  /** The last signed status of each node that was heard, by identity id in hex. */
  readonly peers: ReadonlyMap<string, Status>;
  /** The encoded block, where this node still holds it. */
  readBlock(height: number): Promise<Uint8Array | undefined>;
  /** Admits a signed transaction to the pool and tells the others. @throws Fault of the pool */
  submit(encoded: Uint8Array): void;
}

/** What the log lets through, and how to change it. */
export interface LogLevel {
  level: string;
}
