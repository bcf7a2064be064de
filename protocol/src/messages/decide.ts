import { MAX_HEADER_BYTES } from "../ledger/header.ts";
import { readSeal, type Seal, writeSeal } from "../ledger/seal.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";
import { MAX_MESSAGE_BYTES } from "./transactions.ts";

const MAX_TRANSACTIONS = 65_536;

/**
 * A final block without its bodies, which followers already saw on the transaction topics:
 * `[version, 5, header, seal, [txHash …]]`. Proves itself by the seal.
 */
export interface Decide {
  readonly encodedHeader: Uint8Array;
  readonly seal: Seal;
  readonly txHashes: readonly Uint8Array[];
}

export function encodeDecide(decide: Decide): Uint8Array {
  const writer = startMessage(messageType.decide, 5, 640 + decide.txHashes.length * 34).bytes(
    decide.encodedHeader,
  );
  writeSeal(writer, decide.seal).array(decide.txHashes.length);
  for (const txHash of decide.txHashes) writer.bytes(txHash);
  return writer.finish();
}

/** @throws Fault CBOR_*, SEAL_INVALID */
export function decodeDecide(encoded: Uint8Array): Decide {
  const reader = openMessage(encoded, {
    name: "decide",
    type: messageType.decide,
    items: 5,
    maxBytes: MAX_MESSAGE_BYTES,
  });
  const encodedHeader = reader.bytes("header", MAX_HEADER_BYTES);
  const seal = readSeal(reader);
  const txHashes: Uint8Array[] = [];
  for (let left = reader.array("txHashes", MAX_TRANSACTIONS); left > 0; left--) {
    txHashes.push(reader.fixedBytes("txHash", 32));
  }
  reader.end();
  return { encodedHeader, seal, txHashes };
}
