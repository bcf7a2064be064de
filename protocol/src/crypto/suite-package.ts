import { Fault } from "../faults.ts";
import {
  bytes,
  type CipherVector,
  expectBytes,
  expectRefusal,
  expectTrue,
  spoiled,
  testCipher,
} from "./self-test.ts";
import type { Suite } from "./suite.ts";

const SMALLEST_ID = 256;
const LARGEST_ID = 65_535;
/** Numbers below this are for private use (RFC 9053 §2). */
const PRIVATE_COSE_ALGORITHM = -65_536;
const NAME = /^[a-z][a-z0-9-]{1,31}$/;
const METHODS = [
  "hash",
  "generateKey",
  "signer",
  "checkPublicKey",
  "verify",
  "generateSealingKey",
  "opener",
  "seal",
] as const;

/**
 * A crypto suite from outside this repository (guide §4.1.1 c): what an npm package exports as
 * `suitePackage`. Its id lies in 256–65535 and its COSE algorithm below −65536; neither it nor its
 * name may belong to another suite. Build the suite with `composeSuite` or bring every method.
 */
export interface SuitePackage {
  /** The package's npm name. */
  readonly packageName: string;
  readonly suite: Suite;
  readonly vectors: SuiteVectors;
}

/** Values the suite must reproduce before it is usable, as hexadecimal; at least one of each list. */
export interface SuiteVectors {
  readonly hash: readonly { readonly message: string; readonly digest: string }[];
  /** At least one that verifies and one that must not. */
  readonly signing: readonly {
    readonly publicKey: string;
    readonly message: string;
    readonly signature: string;
    readonly isValid: boolean;
  }[];
  readonly cipher: readonly CipherVector[];
  readonly sealing: readonly {
    readonly privateKey: string;
    readonly sealed: string;
    readonly context: string;
    readonly plaintext: string;
  }[];
}

/** The export of an outside package, checked to have the shape. @throws Fault SUITE_REFUSED */
export function readSuitePackage(packageName: string, exported: unknown): SuitePackage {
  const candidate = (exported as { suitePackage?: Partial<SuitePackage> } | null)?.suitePackage;
  const suite: Partial<Suite> = candidate?.suite ?? {};
  const missing = METHODS.filter((method) => typeof suite[method] !== "function");
  if (candidate?.vectors === undefined || missing.length > 0) {
    const data = { missing };
    throw new Fault("SUITE_REFUSED", `${packageName} exports no whole suitePackage`, { data });
  }
  if (candidate.packageName !== packageName) {
    throw new Fault("SUITE_REFUSED", `${packageName} calls itself ${candidate.packageName}`);
  }
  return candidate as SuitePackage;
}

/** @throws Fault SUITE_REFUSED where a number or the name is outside what a package may take */
export function checkSuiteNumbers({ id, name, coseAlgorithm }: Suite): void {
  if (!(Number.isInteger(id) && id >= SMALLEST_ID && id <= LARGEST_ID)) {
    throw new Fault(
      "SUITE_REFUSED",
      `suite id ${id}: outside suites have ${SMALLEST_ID}–${LARGEST_ID}`,
    );
  }
  if (!NAME.test(name)) throw new Fault("SUITE_REFUSED", `"${name}" is not a suite name`);
  if (!(Number.isInteger(coseAlgorithm) && coseAlgorithm < PRIVATE_COSE_ALGORITHM)) {
    throw new Fault("SUITE_REFUSED", `COSE algorithm ${coseAlgorithm} is not for private use`);
  }
}

/** Runs the package's vectors and one round of every operation. @throws what goes wrong */
export function testSuitePackage({ suite, vectors }: SuitePackage): void {
  const { hash, signing, cipher, sealing } = vectors;
  const isComplete =
    hash.length > 0 &&
    cipher.length > 0 &&
    sealing.length > 0 &&
    signing.some(({ isValid }) => isValid) &&
    signing.some(({ isValid }) => !isValid);
  expectTrue(isComplete, "the package lacks mandatory vectors");
  for (const { message, digest } of hash) {
    expectBytes(suite.hash(bytes(message)), bytes(digest), "hash");
    expectTrue(bytes(digest).length === 32, "the hash does not have 32 bytes");
  }
  for (const { publicKey, message, signature, isValid } of signing) {
    const verified = suite.verify(bytes(publicKey), bytes(message), bytes(signature));
    expectTrue(verified === isValid, "a signature vector is judged wrongly");
  }
  for (const vector of cipher) testCipher(suite.cipher, vector);
  for (const { privateKey, sealed, context, plaintext } of sealing) {
    const opened = suite.opener(bytes(privateKey)).open(bytes(sealed), bytes(context));
    expectBytes(opened, bytes(plaintext), "opening");
  }
  testSigningRound(suite);
  testSealingRound(suite);
}

/** The ledger has room for public keys of 33 bytes and signatures of 64, and both come from outside. */
function testSigningRound(suite: Suite): void {
  const signer = suite.signer(suite.generateKey());
  const { publicKey } = signer;
  const message = bytes("c0ffee");
  const signature = signer.sign(message);
  expectTrue(publicKey.length === 33, "public keys must have 33 bytes");
  expectTrue(signature.length === 64, "signatures must have 64 bytes");
  suite.checkPublicKey(publicKey);
  expectTrue(suite.verify(publicKey, message, signature), "its own signature does not verify");
  const wrong = [
    spoiled(signature),
    new Uint8Array(64),
    new Uint8Array(64).fill(0xff),
    bytes("00"),
  ];
  for (const bad of wrong) {
    expectTrue(!suite.verify(publicKey, message, bad), "a wrong signature verifies");
  }
  for (const bad of [new Uint8Array(33), new Uint8Array(33).fill(0xff), publicKey.subarray(1)]) {
    expectRefusal(() => suite.checkPublicKey(bad), "a wrong public key is accepted");
  }
}

function testSealingRound(suite: Suite): void {
  const opener = suite.opener(suite.generateSealingKey());
  const plaintext = bytes("c0ffee");
  const context = bytes("01");
  const sealed = suite.seal(opener.publicKey, plaintext, context);
  expectBytes(opener.open(sealed, context), plaintext, "opening what it sealed");
  expectRefusal(() => opener.open(spoiled(sealed), context), "a changed sealed text is opened");
  expectRefusal(() => opener.open(sealed, bytes("02")), "opened in another context");
}
