import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeBcd } from "./bcd.ts";
import { type DataIdentifier, formatDi } from "./data-identifier.ts";
import { demandFields, energyFields } from "./energy-fields.ts";
import { type Field, fieldBytes, type MomentField, type MomentPart } from "./field.ts";
import { instantFields } from "./instant-fields.ts";
import { parameterFields } from "./parameter-fields.ts";

/** One decoded field of an answer. */
export type Dlt645Value =
  | {
      readonly kind: "number";
      readonly name: string;
      readonly obis: string | null;
      readonly unit: string;
      readonly scaler: number;
      /** Null where the meter sent FF: it has no value. */
      readonly value: number | null;
    }
  | {
      readonly kind: "moment";
      readonly name: string;
      /** Null where the meter sent FF throughout. */
      readonly parts: Partial<Record<MomentPart, number>> | null;
    }
  | { readonly kind: "text"; readonly name: string; readonly text: string };

/**
 * The values of an answer to `di`: its data field behind the identifier, unmasked.
 *
 * @throws Fault DLT645_UNKNOWN (its data has the bytes as `hex`), DLT645_DATA
 */
export function decodeData(di: DataIdentifier, data: Uint8Array): Dlt645Value[] {
  const fields = fieldsOf(di, data.length);
  if (fields === null) {
    throw new Fault("DLT645_UNKNOWN", `no data identifier ${formatDi(di)} in the table`, {
      data: { di: formatDi(di), hex: formatHex(data) },
    });
  }
  const expected = fields.reduce((sum, field) => sum + fieldBytes(field), 0);
  if (expected !== data.length || fields.length === 0) {
    throw new Fault("DLT645_DATA", `${formatDi(di)} came with ${data.length} bytes`);
  }
  let at = 0;
  return fields.map((field) => {
    const bytes = data.subarray(at, at + fieldBytes(field));
    at += bytes.length;
    return decodeField(field, bytes);
  });
}

/** The layout of an answer of `dataBytes` bytes to `di`; null for one not in the tables. */
function fieldsOf(di: DataIdentifier, dataBytes: number): Field[] | null {
  switch (di >>> 24) {
    case 0x00:
      return energyFields(di, dataBytes);
    case 0x01:
      return demandFields(di, dataBytes);
    case 0x02:
      return instantFields(di, dataBytes);
    case 0x04:
      return parameterFields(di);
    default:
      return null;
  }
}

function decodeField(field: Field, bytes: Uint8Array): Dlt645Value {
  switch (field.kind) {
    case "number": {
      const { name, obis, unit, scaler } = field;
      return { kind: "number", name, obis, unit, scaler, value: decodeBcd(bytes, field.isSigned) };
    }
    case "moment":
      return { kind: "moment", name: field.name, parts: decodeMoment(field, bytes) };
    case "digits":
    case "hex":
      return { kind: "text", name: field.name, text: formatHex(Uint8Array.from(bytes).reverse()) };
    case "ascii": {
      // Padded at either end with zeros, spaces or FF, according to the maker.
      const text = Buffer.from(bytes).reverse().toString("latin1");
      return { kind: "text", name: field.name, text: text.replace(/[^\x21-\x7e]+/g, " ").trim() };
    }
  }
}

function decodeMoment(
  field: MomentField,
  bytes: Uint8Array,
): Partial<Record<MomentPart, number>> | null {
  if (bytes.every((byte) => byte === 0xff)) return null;
  const parts: Partial<Record<MomentPart, number>> = {};
  for (const [i, part] of field.parts.entries()) {
    parts[part] = decodeBcd(bytes.subarray(i, i + 1), false) ?? 0;
  }
  return parts;
}
