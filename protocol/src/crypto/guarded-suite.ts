import { Fault, type FaultCode } from "../faults.ts";
import type { Cipher, Opener, Signer, Suite } from "./suite.ts";

/** What the call answers; whatever it throws has the code that this repository's suites would give. */
function guarded<Value>(code: FaultCode, call: () => Value): Value {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault(code, String((cause as Error | undefined)?.message ?? cause), { cause });
  }
}

/**
 * A suite from outside, as the rest may use it: its errors are not our faults, and a key or a text that
 * somebody sends must be refused with a code instead of ending a process.
 */
export function guardedSuite(suite: Suite): Suite {
  return {
    id: suite.id,
    name: suite.name,
    coseAlgorithm: suite.coseAlgorithm,
    hash: (...parts) => suite.hash(...parts),
    generateKey: () => suite.generateKey(),
    signer: (pkcs8) => guarded("KEY_INVALID", (): Signer => suite.signer(pkcs8)),
    checkPublicKey: (key) => guarded("KEY_INVALID", () => suite.checkPublicKey(key)),
    verify: (key, message, signature) => verified(suite, key, message, signature),
    generateSealingKey: () => suite.generateSealingKey(),
    opener: (pkcs8) => guardedOpener(guarded("KEY_INVALID", () => suite.opener(pkcs8))),
    seal: (key, text, context) => guarded("KEY_INVALID", () => suite.seal(key, text, context)),
    cipher: guardedCipher(suite.cipher),
  };
}

function verified(suite: Suite, ...[key, message, signature]: Parameters<Suite["verify"]>) {
  try {
    return suite.verify(key, message, signature) === true;
  } catch {
    return false;
  }
}

function guardedOpener(opener: Opener): Opener {
  return {
    publicKey: opener.publicKey,
    open: (sealed, context) => guarded("SEALED_INVALID", () => opener.open(sealed, context)),
  };
}

function guardedCipher(cipher: Cipher): Cipher {
  return {
    keyBytes: cipher.keyBytes,
    nonceBytes: cipher.nonceBytes,
    encrypt: (...given) => guarded("KEY_INVALID", () => cipher.encrypt(...given)),
    decrypt: (...given) => guarded("SEALED_INVALID", () => cipher.decrypt(...given)),
  };
}
