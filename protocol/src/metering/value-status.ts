import type { CborReader } from "../cbor/reader.ts";
import type { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";

/**
 * How the value that stands came about. Numbers are never reused. In MSCONS a true value, a substitute
 * and one that must not be used; in ESPI (NAESB REQ.21) qualities 7, 8 and 10.
 */
const statusNumbers = { original: 0, corrected: 1, estimated: 2, void: 3 } as const;

export type ValueStatus = keyof typeof statusNumbers;

const statuses = Object.keys(statusNumbers) as readonly ValueStatus[];

/** A value as it stands: what the meter said, or what the newest correction made of it. */
export interface StandingValue {
  readonly status: ValueStatus;
  /** In the register's unit and scaler. Null: the meter gave none, or it is void. */
  readonly value: number | null;
}

/** `[status, value or null]`. */
export function writeStanding(writer: CborWriter, { status, value }: StandingValue): CborWriter {
  writer.array(2).uint(statusNumbers[status]);
  return value === null ? writer.null() : writer.int(value);
}

/** @throws Fault CBOR_*, CORRECTION_SHAPE */
export function readStanding(reader: CborReader, name: string): StandingValue {
  reader.tuple(name, 2);
  const status = statuses[reader.uint("status", statuses.length - 1)]!;
  const isNull = reader.isNull;
  if (isNull) reader.null("value");
  const value = isNull ? null : reader.int("value");
  const needsValue = status === "corrected" || status === "estimated";
  if ((needsValue && value === null) || (status === "void" && value !== null)) {
    throw new Fault("CORRECTION_SHAPE", `${name}: ${value} is not ${status}`);
  }
  return { status, value };
}

export function isSameStanding(one: StandingValue, other: StandingValue): boolean {
  return one.status === other.status && one.value === other.value;
}
