import { sm3 } from "@gridledger/protocol/crypto/hashes";
import type { Precompile } from "./precompile.ts";

/** 0x0a01: SM3 (GB/T 32905) of the input, priced as SHA-256 is. */
export const sm3Hash: Precompile = {
  number: 0x0a01,
  gas: (data) => 60 + 12 * Math.ceil(data.length / 32),
  run: (data) => new Uint8Array(sm3.hash(data)),
};
