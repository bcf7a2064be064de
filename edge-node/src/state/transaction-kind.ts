import type { ContractResult } from "@gridledger/protocol/contracts/receipt";
import type { Fault } from "@gridledger/protocol/faults";
import type { BreakGlass } from "@gridledger/protocol/governance/break-glass";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { LedgerIdentity } from "@gridledger/protocol/ledger/identity-keys";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { StateReader, StateView } from "./state-view.ts";

/** Who sends, as the state knows it. */
export interface Sender {
  readonly id: Uint8Array;
  readonly identity: LedgerIdentity;
}

/** Where a reading batch stands in its meter's run; the mempool orders by it. */
export interface MeterPlace {
  readonly meter: string;
  readonly sequence: number;
  /** Hash of the payload that must stand before. */
  readonly previousHash: Uint8Array;
  readonly payloadHash: Uint8Array;
}

/** The block that is to hold a transaction. */
export interface BlockPlace {
  readonly height: number;
  /** The block's time; while a transaction waits, the clock's. */
  readonly timeMs: number;
  readonly parentHash: Uint8Array;
  /** The order whose set seals the block, where it is not the state's own. */
  readonly ordered?: BreakGlass | undefined;
}

/** What a transaction wants to do, read from its payload once. */
interface Checked {
  /** Where a meter's run orders the operation. Others happen at most once, by their hash. */
  readonly place?: MeterPlace;
  /** A verified order of organisations: another set seals the block that holds it. */
  readonly breakGlass?: BreakGlass;
  /** The first rule it breaks on this state in this block. Does not write. */
  check(state: StateReader, sender: Sender, at: BlockPlace): Fault | undefined;
}

/** An operation that only writes to the state. */
export interface PlainOperation extends Checked {
  /** Writes what it does; only after `check` found nothing. */
  write(state: StateView, sender: Sender, at: BlockPlace): void;
}

/** An operation that runs a contract: it ends in a receipt, and takes from the block's gas. */
export interface ContractOperation extends Checked {
  readonly gasLimit: number;
  /** Runs the contract and writes what it does; only after `check` found nothing. */
  run(state: StateView, sender: Sender, at: BlockPlace): ContractResult;
}

export type Operation = PlainOperation | ContractOperation;

export function isContractOperation(operation: Operation): operation is ContractOperation {
  return "gasLimit" in operation;
}

/** One kind of transaction is one file; `kinds.ts` is their table. */
export interface TransactionKind {
  readonly number: number;
  readonly senderRoles: readonly Role[];
  /** Reads the payload and checks all that needs no state. @throws Fault */
  read(chain: Chain, payload: Uint8Array): Operation;
}
