import { timingSafeEqual } from "node:crypto";
import { Fault } from "../faults.ts";
import { sm3 } from "./hashes.ts";
import { nativeSm2Encryption } from "./native/sm2-encryption.ts";
import { portableSm2Encryption } from "./portable/sm2-encryption.ts";
import { Providers } from "./providers.ts";
import type { SealingAlgorithm } from "./sealing.ts";
import { bytes, expectBytes, expectRefusal, spoiled } from "./self-test.ts";
import { checkBesidePoint } from "./signature.ts";
import { sm2KeyFormat } from "./sm2-curve.ts";
import type { Sm2EncryptionProvider } from "./sm2-encryption.ts";

const CONTEXT_BYTES = 32;
/** C1, C3 and the context's hash. */
const OVERHEAD_BYTES = 65 + 32 + CONTEXT_BYTES;
const UNCOMPRESSED = 4;

/** GB/T 32918.5 annex A.3. */
const vector = {
  secret: bytes("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"),
  publicKey: bytes("0309f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"),
  plaintext: Buffer.from("encryption standard"),
  ciphertext: bytes(`0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73
    e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0
    59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766
    21886ca989ca9c7d58087307ca93092d651efa`),
};

function selfTest(provider: Sm2EncryptionProvider): void {
  const { secret, publicKey, plaintext, ciphertext } = vector;
  expectBytes(provider.publicKey(secret), publicKey, "the public key");
  expectBytes(provider.decrypt(secret, ciphertext), plaintext, "decryption");
  const own = provider.encrypt(publicKey, plaintext);
  expectBytes(provider.decrypt(secret, own), plaintext, "decryption of its own ciphertext");
  expectRefusal(() => provider.decrypt(secret, spoiled(own)), "a changed ciphertext is opened");
}

const providers = new Providers<Sm2EncryptionProvider>(
  "sm2-encryption",
  // sm-crypto draws k from RC4, so it is the reference in the tests and no fallback.
  [
    { name: "openssl", implementation: nativeSm2Encryption },
    { name: "noble", implementation: portableSm2Encryption },
  ],
  selfTest,
);

/**
 * SM2 encryption (GB/T 32918.4), guide §4.1.1 a). What is encrypted is SM3(context) ‖ plaintext: the
 * standard has no associated data, and this way any SM2 decryption can read it.
 */
export const sm2Sealing: SealingAlgorithm = {
  name: "sm2-encryption",
  providers,
  generateSealingKey: () => sm2KeyFormat.encode(sm2KeyFormat.generateSecret()),

  seal(recipientPublicKey, plaintext, context) {
    if (recipientPublicKey.length !== 33) throw new Fault("KEY_INVALID", "not 33 bytes");
    return providers
      .get()
      .encrypt(recipientPublicKey, Buffer.concat([sm3.hash(context), plaintext]));
  },

  opener(pkcs8) {
    const { secret, point } = sm2KeyFormat.decode(pkcs8);
    const publicKey = providers.get().publicKey(secret);
    checkBesidePoint(point, publicKey);
    return { publicKey, open: (sealed, context) => open(secret, sealed, context) };
  },
};

function open(secret: Uint8Array, sealed: Uint8Array, context: Uint8Array): Uint8Array {
  if (sealed.length < OVERHEAD_BYTES || sealed[0] !== UNCOMPRESSED) {
    throw new Fault("SEALED_INVALID", "not an SM2 ciphertext with a context");
  }
  let opened: Uint8Array;
  try {
    opened = providers.get().decrypt(secret, sealed);
  } catch (cause) {
    throw new Fault("SEALED_INVALID", "", { cause });
  }
  if (!timingSafeEqual(opened.subarray(0, CONTEXT_BYTES), sm3.hash(context))) {
    throw new Fault("SEALED_INVALID", "sealed for another context");
  }
  return opened.subarray(CONTEXT_BYTES);
}
