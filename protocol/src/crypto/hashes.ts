import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { sha3_256 as nobleSha3 } from "@noble/hashes/sha3.js";
import { nativeHash } from "./native/hash.ts";
import { portableSm3 } from "./portable/sm3.ts";
import { Providers } from "./providers.ts";
import { bytes, expectBytes } from "./self-test.ts";
import type { Hash } from "./suite.ts";

const ABC = bytes("616263");

/** A named hash of 32 bytes. */
export interface HashAlgorithm {
  readonly name: string;
  readonly providers: Providers<Hash>;
  readonly hash: Hash;
}

function hashAlgorithm(name: string, portable: Hash, portableName: string, ofAbc: string) {
  const candidates = [
    { name: "openssl", implementation: nativeHash(name) },
    { name: portableName, implementation: portable },
  ];
  const providers = new Providers<Hash>(name, candidates, (hash) => {
    expectBytes(hash(ABC), bytes(ofAbc), "the hash of one part");
    expectBytes(hash(ABC.subarray(0, 1), ABC.subarray(1)), bytes(ofAbc), "the hash of two parts");
  });
  return { name, providers, hash: (...parts: Uint8Array[]) => providers.get()(...parts) };
}

function portableHash(noble: typeof nobleSha256 | typeof nobleSha3): Hash {
  return (...parts) => {
    const hash = noble.create();
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
}

/** FIPS 180-4; value of "abc" from its example file. */
export const sha256: HashAlgorithm = hashAlgorithm(
  "sha256",
  portableHash(nobleSha256),
  "noble",
  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
);

/** FIPS 202; value of "abc" from its example file. */
export const sha3256: HashAlgorithm = hashAlgorithm(
  "sha3-256",
  portableHash(nobleSha3),
  "noble",
  "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
);

/** GB/T 32905; value of "abc" from annex A.1. */
export const sm3: HashAlgorithm = hashAlgorithm(
  "sm3",
  portableSm3,
  "sm-crypto",
  "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
);
