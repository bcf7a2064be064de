/** One register at one moment: `value · 10^scaler unit`. */
export interface Register {
  /** `A-B:C.D.E` or `A-B:C.D.E*F`. */
  readonly obis: string;
  /** DLMS unit name. */
  readonly unit: string;
  readonly scaler: number;
  /** Safe integer; null where the meter has no value. */
  readonly value: number | null;
}

/** What is odd about a readout. It is said, never mended. */
export type ReadoutFlag =
  | "simulated"
  /** The meter sends no time of its own: `atMs` is the time of receipt. */
  | "no-meter-clock"
  /** The meter's time cannot be: `atMs` is the time of receipt. */
  | "clock-invalid"
  /** The meter's clock and ours are far apart; the meter's stands. */
  | "clock-skew"
  /** The meter's time went back since its last readout. */
  | "clock-back"
  /** A counter that only grows has fallen: a replaced or reset meter. */
  | "register-fell"
  /** The meter sends no serial number: its model line, or its place on the bus, names it. */
  | "weak-meter-id"
  /** Values that are no registers of a batch were left out. */
  | "registers-left-out"
  /** The meter did not answer for every register asked for. */
  | "partial";

/** What one meter said at one moment. */
export interface Readout {
  /** 1 to 48 printable ASCII characters without spaces. */
  readonly meter: string;
  /** Unix time in ms: the meter's own where it has a clock. */
  readonly atMs: number;
  /** Unix time in ms when its last byte was received. */
  readonly receivedMs: number;
  readonly registers: readonly Register[];
  readonly flags: readonly ReadoutFlag[];
}
