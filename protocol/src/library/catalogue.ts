import { placeAt } from "./place-at.ts";

/** A contract of the library (guide §4.3.5): its sources are in `protocol/contracts`. */
export interface LibraryEntry {
  /** Of the file and of the contract in it. */
  readonly name: string;
  /** Where a genesis puts it. */
  readonly address: Uint8Array;
  /** Grows with every change of the code; a channel keeps the version of its genesis. */
  readonly version: number;
  /** True where contracts are linked to it and it keeps nothing itself. */
  readonly isLinked: boolean;
}

/** Addresses and versions are never reused. */
export const catalogue: readonly LibraryEntry[] = [
  { name: "ChannelRoles", address: placeAt(0x0b01), version: 1, isLinked: true },
  { name: "EnergyUnits", address: placeAt(0x0b02), version: 1, isLinked: true },
  { name: "TimeOfUse", address: placeAt(0x0b03), version: 1, isLinked: true },
  { name: "Settlement", address: placeAt(0x0b04), version: 1, isLinked: true },
  { name: "MeterRegistry", address: placeAt(0x0b05), version: 1, isLinked: false },
  { name: "EnergyMarket", address: placeAt(0x0b10), version: 1, isLinked: false },
];
