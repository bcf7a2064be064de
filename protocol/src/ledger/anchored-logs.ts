import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { StateTable } from "./state.ts";

/** Where a hub's audit log stands: what its next anchor must follow. */
interface AnchoredLog {
  /** Lines that are anchored. */
  readonly lines: number;
  /** Hash of the last anchor's payload. */
  readonly payloadHash: Uint8Array;
}

/** `p/<identity id of the hub, 10 bytes>` → `[lines, payloadHash]`. */
export const anchoredLogs: StateTable<Uint8Array, AnchoredLog> = {
  keyOf: (id) => `p/${Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("latin1")}`,
  encode: ({ lines, payloadHash }) =>
    new CborWriter(48).array(2).uint(lines).bytes(payloadHash).finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("anchored log", 2);
    const log = { lines: reader.uint("lines"), payloadHash: reader.fixedBytes("payloadHash", 32) };
    reader.end();
    return log;
  },
};
