import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { decodeSign1, verifySign1 } from "@gridledger/protocol/cose/sign1";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { MAX_TRANSACTION_BYTES } from "@gridledger/protocol/ledger/transaction";
import type { SignatureCheck } from "../chain/signature-verifier.ts";

const MAX_CHECKS = 65_536;
const MAX_KEY_BYTES = 1_024;

/** `[[publicKey, transaction] …]` in a buffer of its own: threads hand over bytes, not objects. */
export function packChecks(checks: readonly SignatureCheck[]): Uint8Array {
  let bytes = 8;
  for (const { encoded, publicKey } of checks) bytes += encoded.length + publicKey.length + 12;
  const writer = new CborWriter(bytes).array(checks.length);
  for (const { encoded, publicKey } of checks) writer.array(2).bytes(publicKey).bytes(encoded);
  return writer.finish();
}

/** One byte a check: 1 where the key signed the transaction for this chain. @throws Fault CBOR_* */
export function verifyPacked(suite: Suite, chainId: Uint8Array, packed: Uint8Array): Uint8Array {
  const reader = new CborReader(packed);
  const verdicts = new Uint8Array(reader.array("checks", MAX_CHECKS));
  for (let i = 0; i < verdicts.length; i++) {
    reader.tuple("check", 2);
    const publicKey = reader.bytes("publicKey", MAX_KEY_BYTES);
    const encoded = reader.bytes("transaction", MAX_TRANSACTION_BYTES);
    verdicts[i] = isSigned(suite, chainId, { encoded, publicKey }) ? 1 : 0;
  }
  reader.end();
  return verdicts;
}

function isSigned(suite: Suite, chainId: Uint8Array, { encoded, publicKey }: SignatureCheck) {
  try {
    return verifySign1(suite, publicKey, chainId, decodeSign1(encoded, MAX_TRANSACTION_BYTES));
  } catch {
    // Why not is said where the transaction is judged.
    return false;
  }
}
