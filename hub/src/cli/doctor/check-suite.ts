import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { asFault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { type Finding, fail, ok } from "./check.ts";

const hex = (text: string) => Buffer.from(text, "hex");

/** Answers that others have published, by suite. */
const vectors: Readonly<
  Record<string, { publicKey: Buffer; message: Buffer; signature: Buffer; hash: Buffer }>
> = {
  // RFC 6979 §A.2.5, P-256, SHA-256, "sample"; s is the lower of its two values. FIPS 180-4 for the hash.
  international: {
    publicKey: hex("0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"),
    message: Buffer.from("sample"),
    signature: hex(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" +
        "0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9",
    ),
    hash: hex("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"),
  },
};

/** Signs, verifies and hashes against known answers. */
export function checkSuite(name: string): Finding {
  try {
    const suite = suiteByName(name);
    const vector = vectors[name];
    if (vector !== undefined) {
      const { publicKey, message, signature, hash } = vector;
      if (!equalBytes(suite.hash(message), hash)) return fail("suite", `${name}: wrong hash`);
      if (!suite.verify(publicKey, message, signature)) {
        return fail("suite", `${name}: a right signature is refused`);
      }
      if (suite.verify(publicKey, Buffer.from("Sample"), signature)) {
        return fail("suite", `${name}: a wrong signature is accepted`);
      }
    }
    const signer = suite.signer(suite.generateKey());
    const message = Buffer.from("gridledger doctor");
    const isRight = suite.verify(signer.publicKey, message, signer.sign(message));
    return isRight
      ? ok("suite", `${name} passes its self-test`)
      : fail("suite", `${name}: its own signature is refused`);
  } catch (thrown) {
    return fail("suite", `${name}: ${asFault(thrown).message}`);
  }
}
