import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Proof } from "@gridledger/protocol/api/proof-contract";
import { makeProof, verifyProof } from "@gridledger/protocol/ledger/proof";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { type BuiltBlock, ChainBuilder } from "../support/chain-builder.ts";

const T0 = 1_750_000_000_000;

function proofOf(builder: ChainBuilder, block: BuiltBlock, index: number): Proof {
  const { encodedHeader, seal, txHashes, transactions } = block;
  const path = new MerkleTree(builder.chain.suite.hash, txHashes).path(index);
  const parts = { encodedHeader, seal, index, path, transaction: transactions[index]! };
  return makeProof(builder.chain, { ...parts, reading: { meter: `M${index}`, timeMs: T0 } });
}

function sevenTransactions(builder: ChainBuilder, device = builder.devices[0]!): BuiltBlock {
  const meters = [0, 1, 2, 3, 4, 5, 6].map((i) => `M${i}`);
  return builder.add(meters.map((meter) => builder.batch(device, { meter, timesMs: [T0] })));
}

describe("a proof file", () => {
  test("of each transaction of a block verifies, through JSON", () => {
    const builder = new ChainBuilder();
    const block = sevenTransactions(builder);
    for (let index = 0; index < 7; index++) {
      const file = JSON.parse(JSON.stringify(proofOf(builder, block, index)));
      const proven = verifyProof(builder.chain, file);
      assert.equal(proven.height, 1);
      assert.equal(proven.batch?.meter, `M${index}`);
      assert.equal(proven.reading?.values[0]?.value, 1_000);
      assert.equal(proven.senderSignature, "checked");
    }
  });

  test("of a device that was enrolled later rests on the quorum, and says so", () => {
    const builder = new ChainBuilder();
    const block = sevenTransactions(builder, builder.newKey("later"));
    const proven = verifyProof(builder.chain, proofOf(builder, block, 3));
    assert.equal(proven.senderSignature, "by-quorum");
  });

  test("with any character changed is refused", () => {
    const builder = new ChainBuilder();
    const proof = proofOf(builder, sevenTransactions(builder), 4);
    const text = JSON.stringify(proof);
    const start = text.indexOf('"chainId":"') + 11;
    let changed = 0;
    for (let at = start; at < text.length; at += 7) {
      const old = text[at]!;
      if (!/[0-9a-zA-Z_-]/.test(old)) continue;
      const flipped = old === "1" ? "2" : "1";
      const file = `${text.slice(0, at)}${flipped}${text.slice(at + 1)}`;
      let parsed: unknown;
      try {
        parsed = JSON.parse(file);
      } catch {
        continue;
      }
      assert.throws(
        () => verifyProof(builder.chain, parsed),
        (fault: { code?: string }) =>
          /^(PROOF_SHAPE|PROOF_INVALID|SEAL_INVALID|CHAIN_MISMATCH)$/.test(fault.code ?? ""),
        `character ${at} of ${file.slice(at - 20, at + 5)}`,
      );
      changed++;
    }
    assert.ok(changed > 100);
  });

  test("of another chain is refused as such", () => {
    const builder = new ChainBuilder();
    const other = new ChainBuilder();
    const proof = proofOf(other, sevenTransactions(other), 0);
    assert.throws(() => verifyProof(builder.chain, proof), { code: "CHAIN_MISMATCH" });
    const { chainId } = proofOf(builder, sevenTransactions(builder), 0);
    assert.throws(() => verifyProof(builder.chain, { ...proof, chainId }), {
      code: "PROOF_INVALID",
    });
  });

  test("with fewer signatures than a quorum is refused", () => {
    const builder = new ChainBuilder();
    const batch = builder.batch(builder.devices[0]!, { meter: "M0", timesMs: [T0] });
    const block = builder.make([batch], {}, [0, 1]);
    assert.throws(() => verifyProof(builder.chain, proofOf(builder, block, 0)), {
      code: "SEAL_INVALID",
    });
  });

  test("of any other shape is PROOF_SHAPE", () => {
    const { chain } = new ChainBuilder();
    for (const file of [null, undefined, 5, "", [], {}, { format: "gridledger-proof/2" }]) {
      assert.throws(() => verifyProof(chain, file), { code: "PROOF_SHAPE" });
    }
  });
});
