import assert from "node:assert/strict";
import { test } from "node:test";
import { nativeSm4Ctr } from "@gridledger/protocol/crypto/native/sm4";
import { portableSm4Ctr } from "@gridledger/protocol/crypto/portable/sm4";
import { hex, readVectors } from "./vectors.ts";

// A file of its own: it takes seconds and runs beside the others.

interface Rounds {
  readonly key: string;
  readonly pt: string;
  readonly rounds: number;
  readonly ct: string;
}

const zeros = new Uint8Array(16);
const { ecb1e6 } = readVectors<{ sm4: { ecb1e6: Rounds } }>("sm/sm-vectors.json").sm4;

for (const [provider, ctr] of [
  ["openssl", nativeSm4Ctr],
  ["sm-crypto", portableSm4Ctr],
] as const) {
  test(`GB/T 32907 A.2: SM4 applied a million times, ${provider}`, () => {
    assert.equal(ecb1e6.rounds, 1_000_000);
    const key = hex(ecb1e6.key);
    let block: Uint8Array = hex(ecb1e6.pt);
    // Counter mode over a block of zeros is SM4 of the counter.
    for (let round = 0; round < ecb1e6.rounds; round++) block = ctr(key, block, zeros);
    assert.equal(Buffer.from(block).toString("hex").toUpperCase(), ecb1e6.ct);
  });
}
