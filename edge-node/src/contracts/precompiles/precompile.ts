import type { MeterCalendar } from "@gridledger/protocol/contracts/energy-days";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import type { StateReader } from "../../state/state-view.ts";
import type { Sender } from "../../state/transaction-kind.ts";
import type { World } from "../world.ts";

/** Where a precompile runs. */
export interface PrecompilePlace {
  readonly world: World;
  /** Who signed the transaction. */
  readonly sender: () => Sender;
  /** The state before the transaction. */
  readonly state: () => StateReader;
  /** The suite's. */
  readonly hash: Hash;
  /** The channel's. */
  readonly calendar: MeterCalendar;
}

/** A contract that is part of the machine. */
export interface Precompile {
  /** The last two bytes of its address. Never reused. */
  readonly number: number;
  gas(data: Uint8Array, place: PrecompilePlace): number;
  /** The output; undefined reverts. */
  run(data: Uint8Array, place: PrecompilePlace): Uint8Array | undefined;
}
