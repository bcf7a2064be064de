/** Types of mapped columns on the wire (ADR 030). Numbers are never reused. */
export const columnTypes = {
  /** Whole numbers of any size. */
  integer: 1,
  /** Exact decimals; `12.50` and `12.5` are one value. */
  decimal: 2,
  /** IEEE 754 binary64. */
  float: 3,
  /** IEEE 754 binary32: what a database shows of it is rounded to that again. */
  float32: 4,
  /** Unicode as it is stored: nothing is normalised, a change of form is a change. */
  text: 5,
  /** Text of fixed length: spaces at its end do not count. */
  char: 6,
  bytes: 7,
  boolean: 8,
  date: 9,
  time: 10,
  /** A date and a time of day without a zone. */
  timestamp: 11,
  /** An instant, in UTC. */
  timestamptz: 12,
  json: 13,
  uuid: 14,
} as const;

export type ColumnType = keyof typeof columnTypes;

const columnTypeNames = Object.keys(columnTypes) as ColumnType[];

const names: ReadonlyMap<number, ColumnType> = new Map(
  columnTypeNames.map((name) => [columnTypes[name], name]),
);

/** Undefined for a number that this version does not know. */
export function columnTypeByNumber(number: number): ColumnType | undefined {
  return names.get(number);
}
