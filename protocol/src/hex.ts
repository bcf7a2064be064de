import { Fault } from "./faults.ts";

/** Lower-case hexadecimal of the bytes. */
export function formatHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** @throws Fault REQUEST_INVALID unless `text` is an even number of hexadecimal digits */
export function parseHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) throw new Fault("REQUEST_INVALID", "not hexadecimal");
  return Buffer.from(text, "hex");
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
