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

/**
 * Where an operation stands in a run that the chain takes in order, a meter's batches or an account's
 * nonces; the mempool orders by it.
 */
export interface RunPlace {
  /** The meter's name, or the account's address. */
  readonly run: string;
  readonly sequence: number;
  /** Hash of the payload that must stand before; zeros in a run that its numbers alone link. */
  readonly previousHash: Uint8Array;
  readonly payloadHash: Uint8Array;
  /** Who the pool counts it for, where that is not the sender. */
  readonly owner?: string;
  /** Where the run stands: what comes next, and the hash that it must follow. */
  standing(state: StateReader): { readonly next: number; readonly lastHash: Uint8Array };
  /** True of the same content, perhaps signed again. */
  isSame(other: RunPlace): boolean;
  /** Why it cannot wait: what stands before it is missing. */
  missing(next: number): Fault;
  /** Why it goes: its number is final. */
  stale(): Fault;
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
  /** Where a run orders the operation. Others happen at most once, by their hash. */
  readonly place?: RunPlace;
  /** A verified order of organisations: another set seals the block that holds it. */
  readonly breakGlass?: BreakGlass;
  /** The first rule it breaks on this state in this block. Does not write. */
  check(state: StateReader, sender: Sender, at: BlockPlace): Fault | undefined;
  /** The rules that hold for it although others must come before it. */
  checkAhead?(state: StateReader, sender: Sender): Fault | undefined;
}

/** An operation that only writes to the state. */
export interface PlainOperation extends Checked {
  /** Writes what it does; only after `check` found nothing. */
  write(state: StateView, sender: Sender, at: BlockPlace): void;
}

/** An operation that runs a contract: it ends in a receipt, and takes from the block's gas. */
export interface ContractOperation extends Checked {
  /** Its name among programs of Ethereum, where that is not the transaction's hash. */
  readonly ethereumHash?: Uint8Array;
  readonly gasLimit: number;
  /** Runs the contract and writes what it does; only after `check` found nothing. */
  run(state: StateView, sender: Sender, at: BlockPlace): ContractResult;
}

export type Operation = PlainOperation | ContractOperation;

/** True of a fault that a later block may not find: the transaction waits in the pool. */
export function mayFitLater({ code }: Fault): boolean {
  return code === "BLOCK_GAS_FULL" || code === "NONCE_AHEAD";
}

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
