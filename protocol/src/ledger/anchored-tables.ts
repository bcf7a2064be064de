import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import type { StateTable } from "./state.ts";

/** Where a mapping stands: what its next anchor must follow. */
interface AnchoredTable {
  /** Identity id of whoever anchored first; nobody else goes on. */
  readonly ownerId: Uint8Array;
  readonly fingerprint: Uint8Array;
  /** Of the last anchor. */
  readonly batch: number;
  /** Hash of the last anchor's payload. */
  readonly payloadHash: Uint8Array;
}

/** `n/<mapping id, 10 bytes>` → `[ownerId, fingerprint, batch, payloadHash]`. */
export const anchoredTables: StateTable<Uint8Array, AnchoredTable> = {
  keyOf: (id) => `n/${Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("latin1")}`,
  encode: ({ ownerId, fingerprint, batch, payloadHash }) =>
    new CborWriter(96)
      .array(4)
      .bytes(ownerId)
      .bytes(fingerprint)
      .uint(batch)
      .bytes(payloadHash)
      .finish(),
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("anchored table", 4);
    const table = {
      ownerId: reader.fixedBytes("ownerId", IDENTITY_ID_BYTES),
      fingerprint: reader.fixedBytes("fingerprint", 32),
      batch: reader.uint("batch"),
      payloadHash: reader.fixedBytes("payloadHash", 32),
    };
    reader.end();
    return table;
  },
};
