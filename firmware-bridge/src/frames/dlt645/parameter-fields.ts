import type { Field, MomentPart } from "./field.ts";

/** Parameters, DL/T 645-2007 table A.6: the ones that a reading needs or that name the meter. */
const parameters: ReadonlyMap<number, Field> = new Map<number, Field>([
  [0x04000101, moment("date and weekday", ["weekday", "day", "month", "year"])],
  [0x04000102, moment("time", ["second", "minute", "hour"])],
  [
    0x0400010c,
    moment("date and time", ["second", "minute", "hour", "weekday", "day", "month", "year"]),
  ],
  [0x04000401, { kind: "digits", name: "address", bytes: 6 }],
  [0x04000402, { kind: "digits", name: "meter number", bytes: 6 }],
  [0x04000403, { kind: "ascii", name: "asset number", bytes: 32 }],
  [0x04000404, { kind: "ascii", name: "rated voltage", bytes: 6 }],
  [0x04000405, { kind: "ascii", name: "rated current", bytes: 6 }],
  [0x04000406, { kind: "ascii", name: "maximum current", bytes: 6 }],
  [0x04000407, { kind: "ascii", name: "active accuracy class", bytes: 4 }],
  [0x04000408, { kind: "ascii", name: "reactive accuracy class", bytes: 4 }],
  [0x04000409, { kind: "digits", name: "active constant, imp/kWh", bytes: 3 }],
  [0x0400040a, { kind: "digits", name: "reactive constant, imp/kvarh", bytes: 3 }],
  [0x0400040b, { kind: "ascii", name: "model", bytes: 10 }],
  ...[1, 2, 3, 4, 5, 6, 7].map((n): [number, Field] => [
    0x04000500 + n,
    { kind: "hex", name: `running status word ${n}`, bytes: 2 },
  ]),
]);

export function parameterFields(di: number): Field[] | null {
  const field = parameters.get(di);
  return field === undefined ? null : [field];
}

function moment(name: string, parts: readonly MomentPart[]): Field {
  return { kind: "moment", name, parts };
}
