/** One field of an answer: how many bytes, and what they mean. */
export type Field = NumberField | MomentField | TextField;

/** A BCD number: `value · 10^scaler unit`. */
export interface NumberField {
  readonly kind: "number";
  readonly name: string;
  readonly bytes: number;
  readonly isSigned: boolean;
  readonly scaler: number;
  /** DLMS unit name, or "%" which DLMS batches do not carry. */
  readonly unit: string;
  /** Null for what has no OBIS code here. */
  readonly obis: string | null;
}

/** Time parts, least significant first, one BCD byte each: `ss mm hh WW DD MM YY` or some of them. */
export interface MomentField {
  readonly kind: "moment";
  readonly name: string;
  readonly parts: readonly MomentPart[];
}

export type MomentPart = "second" | "minute" | "hour" | "weekday" | "day" | "month" | "year";

/** BCD digits or ASCII that are read as they are: addresses, serial numbers, status words. */
interface TextField {
  readonly kind: "digits" | "ascii" | "hex";
  readonly name: string;
  readonly bytes: number;
}

export function fieldBytes(field: Field): number {
  return field.kind === "moment" ? field.parts.length : field.bytes;
}
