import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Fault } from "../faults.ts";
import { nativeHmac } from "./native/hash.ts";
import { portableHmacSm3 } from "./portable/sm3.ts";
import { Providers } from "./providers.ts";
import { bytes, expectBytes } from "./self-test.ts";

/** HMAC of 32 bytes over a message. */
export type Mac = (key: Uint8Array, message: Uint8Array) => Uint8Array;

/** A named HMAC (RFC 2104). */
export interface MacAlgorithm {
  readonly name: string;
  readonly providers: Providers<Mac>;
  readonly mac: Mac;
}

const KEY = Buffer.from("Jefe"); // RFC 4231 §4.3
const MESSAGE = Buffer.from("what do ya want for nothing?");

function macAlgorithm(name: string, native: Mac, portable: [string, Mac], expected: string) {
  const candidates = [
    { name: "openssl", implementation: native },
    { name: portable[0], implementation: portable[1] },
  ];
  const providers = new Providers<Mac>(name, candidates, (mac) => {
    expectBytes(mac(KEY, MESSAGE), bytes(expected), "the HMAC");
  });
  return {
    name,
    providers,
    mac: (key: Uint8Array, message: Uint8Array) => providers.get()(key, message),
  };
}

/** Value from RFC 4231 §4.3. */
export const hmacSha256: MacAlgorithm = macAlgorithm(
  "hmac-sha256",
  nativeHmac("sha256"),
  ["noble", (key, message) => hmac(sha256, key, message)],
  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
);

/** No standard gives a value for this input: it is OpenSSL's, and Wycheproof's 174 are in the tests. */
export const hmacSm3: MacAlgorithm = macAlgorithm(
  "hmac-sm3",
  nativeHmac("sm3"),
  ["sm-crypto", portableHmacSm3],
  "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882",
);

const MAC_BYTES = 32;

/** HKDF, RFC 5869 §2: `length` bytes of key material, at most 255 · 32. @throws Fault KEY_INVALID */
export function hkdf(
  mac: Mac,
  inputKey: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  if (length > 255 * MAC_BYTES) throw new Fault("KEY_INVALID", "HKDF gives at most 8160 bytes");
  const key = mac(salt.length === 0 ? new Uint8Array(MAC_BYTES) : salt, inputKey);
  const blocks: Uint8Array[] = [];
  let previous: Uint8Array = new Uint8Array();
  for (let counter = 1; blocks.length * MAC_BYTES < length; counter++) {
    previous = mac(key, Buffer.concat([previous, info, Buffer.of(counter)]));
    blocks.push(previous);
  }
  return Buffer.concat(blocks).subarray(0, length);
}
