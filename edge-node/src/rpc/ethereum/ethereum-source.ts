import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Head } from "../../chain/head.ts";
import type { ContractRecords } from "../../store/contract-records.ts";

/** A running node as programs of Ethereum see it. */
export interface EthereumSource {
  readonly chain: Chain;
  readonly head: Head;
  /** The states of the last blocks, by height. */
  stateAt(height: number): KeptState | undefined;
  /** Resolves when there is another head, or after so many ms. */
  nextHead(timeoutMs: number): Promise<void>;
  /** Resolves when every block of the head is in the store. */
  stored(): Promise<void>;
  /** The lowest block that is here. */
  readonly firstHeight: number;
  /** The encoded block, where this node still holds it. */
  readBlock(height: number): Promise<Uint8Array | undefined>;
  blockHash(height: number): Promise<Uint8Array | undefined>;
  readonly records: Pick<
    ContractRecords,
    "receiptsAt" | "between" | "namesAt" | "find" | "heightOf"
  >;
  /** How many transactions of an account wait without a gap. */
  waitingOf(account: string): number;
  /** The waiting transaction that the node carries under this pool key. */
  isWaiting(key: string): boolean;
  /** Signs for the bringing of a raw transaction and admits it; its key in the pool. @throws Fault */
  carry(raw: Uint8Array): string;
}

/** A block's state, as a call runs on it. */
export type KeptState = Pick<Head, "height" | "timeMs" | "hash" | "tree">;
