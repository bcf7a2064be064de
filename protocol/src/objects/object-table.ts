import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { IDENTITY_ID_BYTES } from "../crypto/identity-id.ts";
import type { StateTable } from "../ledger/state.ts";
import { ROOT_BYTES } from "./manifest.ts";

/** What the state keeps of an object: enough to judge what is said of it later. */
export interface ObjectState {
  /** Identity id of who put it. */
  readonly ownerId: Uint8Array;
  /** Of the block that holds it. */
  readonly height: number;
  /** Root of the object that superseded it under authority, guide §9.1 a). */
  readonly successor: Uint8Array | undefined;
  /** From which on its bytes are to be gone, guide §9.1 b). */
  readonly erasedHeight: number | undefined;
}

/** `d/<root>` → `[ownerId, height, successor | null, erasedHeight | null]`. */
export const objectTable: StateTable<Uint8Array, ObjectState> = {
  keyOf: (root) =>
    `d/${Buffer.from(root.buffer, root.byteOffset, root.byteLength).toString("latin1")}`,
  encode({ ownerId, height, successor, erasedHeight }) {
    const writer = new CborWriter(96).array(4).bytes(ownerId).uint(height);
    if (successor === undefined) writer.null();
    else writer.bytes(successor);
    return (erasedHeight === undefined ? writer.null() : writer.uint(erasedHeight)).finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("object state", 4);
    const ownerId = reader.fixedBytes("ownerId", IDENTITY_ID_BYTES);
    const height = reader.uint("height");
    const successor = orNull(reader, () => reader.fixedBytes("successor", ROOT_BYTES));
    const erasedHeight = orNull(reader, () => reader.uint("erasedHeight"));
    reader.end();
    return { ownerId, height, successor, erasedHeight };
  },
};

function orNull<Value>(reader: CborReader, read: () => Value): Value | undefined {
  if (!reader.isNull) return read();
  reader.null("value");
  return undefined;
}
