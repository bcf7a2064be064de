import { ROOT_BYTES } from "../objects/manifest.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_SECRET_BYTES = 32;
const MAX_TRANSACTION_BYTES = 65_536;

/**
 * Asks a holder to keep an object, and is a holder's answer when it is asked what it keeps:
 * `[version, 35, id, root, transaction, secret]`. The chunks follow as pieces.
 */
export interface KeepCopy {
  /** Chosen by the asker; stands in the answer. */
  readonly id: number;
  readonly root: Uint8Array;
  /** The one that puts the object on the chain; its payload is the manifest. */
  readonly transaction: Uint8Array;
  /** From which the salts follow; empty where there are none. */
  readonly secret: Uint8Array;
}

export function encodeKeepCopy({ id, root, transaction, secret }: KeepCopy): Uint8Array {
  const writer = startMessage(messageType.keepCopy, 6, transaction.length + 128);
  return writer.uint(id).bytes(root).bytes(transaction).bytes(secret).finish();
}

/** @throws Fault CBOR_* */
export function decodeKeepCopy(encoded: Uint8Array): KeepCopy {
  const reader = openMessage(encoded, {
    name: "keepCopy",
    type: messageType.keepCopy,
    items: 6,
    maxBytes: MAX_TRANSACTION_BYTES + 256,
  });
  const message = {
    id: reader.uint("id"),
    root: reader.fixedBytes("root", ROOT_BYTES),
    transaction: reader.bytes("transaction", MAX_TRANSACTION_BYTES),
    secret: reader.bytes("secret", MAX_SECRET_BYTES),
  };
  reader.end();
  return message;
}
