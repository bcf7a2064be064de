import { createRequire } from "node:module";
import { argon2id } from "@noble/hashes/argon2.js";
import { Providers } from "../crypto/providers.ts";
import { bytes, expectBytes } from "../crypto/self-test.ts";
import { Fault } from "../faults.ts";

const KEY_BYTES = 32;
const MAX_MEMORY_KIB = 262_144;
const MAX_PASSES = 16;
const MAX_LANES = 16;

/** What one guess at a passphrase costs. */
export interface PassphraseCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** RFC 9106 §4, the option for machines with little memory: 64 MiB. */
export const DEFAULT_PASSPHRASE_COST: PassphraseCost = { memoryKib: 65_536, passes: 3, lanes: 4 };

type Derive = (passphrase: Uint8Array, salt: Uint8Array, cost: PassphraseCost) => Uint8Array;

const native: Derive = (passphrase, salt, { memoryKib, passes, lanes }) => {
  // Loaded on use: where the platform has no binary, the portable provider takes over.
  const { hashRawSync }: typeof import("@node-rs/argon2") = createRequire(import.meta.url)(
    "@node-rs/argon2",
  );
  return hashRawSync(passphrase, {
    algorithm: 2, // Argon2id: the package's const enum cannot be imported from here
    salt,
    memoryCost: memoryKib,
    timeCost: passes,
    parallelism: lanes,
    outputLen: KEY_BYTES,
  });
};

const portable: Derive = (passphrase, salt, { memoryKib, passes, lanes }) =>
  argon2id(passphrase, salt, { m: memoryKib, t: passes, p: lanes, dkLen: KEY_BYTES });

/** Value from the reference implementation's test.c. */
export const passphraseProviders: Providers<Derive> = new Providers<Derive>(
  "argon2id",
  [
    { name: "node-rs", implementation: native },
    { name: "noble", implementation: portable },
  ],
  (derive) => {
    const key = derive(Buffer.from("password"), Buffer.from("somesalt"), {
      memoryKib: 256,
      passes: 2,
      lanes: 1,
    });
    const expected = "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe";
    expectBytes(key, bytes(expected), "argon2id");
  },
);

/** 32 bytes by argon2id (RFC 9106). @throws Fault KEY_PAGE_INVALID where the cost is not payable */
export function deriveFromPassphrase(
  passphrase: Uint8Array,
  salt: Uint8Array,
  cost: PassphraseCost,
): Uint8Array {
  const { memoryKib, passes, lanes } = cost;
  const isPayable =
    passes >= 1 &&
    passes <= MAX_PASSES &&
    lanes >= 1 &&
    lanes <= MAX_LANES &&
    memoryKib >= 8 * lanes && // RFC 9106 §3.1
    memoryKib <= MAX_MEMORY_KIB;
  if (!isPayable) throw new Fault("KEY_PAGE_INVALID", "the argon2id cost is out of range");
  return passphraseProviders.get()(passphrase, salt, cost);
}
