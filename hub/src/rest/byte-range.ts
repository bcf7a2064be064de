import { Fault } from "@gridledger/protocol/faults";

export interface ByteRange {
  readonly from: number;
  /** Behind the last byte. */
  readonly to: number;
}

/**
 * One range of a Range header, RFC 9110 §14.1.2. Undefined for what may be ignored: other units, several
 * ranges. @throws Fault OBJECT_RANGE for one that begins behind the end
 */
export function parseRange(header: string, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const from = Math.max(0, sizeBytes - Number(last));
    return checked(from, sizeBytes, sizeBytes);
  }
  const to = last === "" ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (last !== "" && Number(last) < Number(first)) return undefined;
  return checked(Number(first), to, sizeBytes);
}

function checked(from: number, to: number, sizeBytes: number): ByteRange {
  if (from < to) return { from, to };
  const data = { contentRange: `bytes */${sizeBytes}` };
  throw new Fault("OBJECT_RANGE", `the object has ${sizeBytes} bytes`, { data });
}
