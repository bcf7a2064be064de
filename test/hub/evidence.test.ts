import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { statementPreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { encodeEvidence } from "@gridledger/protocol/messages/evidence";
import { ChainBuilder } from "../support/chain-builder.ts";
import { call } from "./call.ts";
import { startRig } from "./rig.ts";

describe("evidence over REST", () => {
  test("names who did what at which height, with the bytes that prove it", async () => {
    const builder = new ChainBuilder();
    const { chain, validators } = builder;
    const liar = chain.validators.findIndex(({ name }) => name === "validator-3");
    const place = { chainId: chain.chainId, validatorsHash: chain.validatorsHash, height: 1 };
    const commit = (fill: number) => {
      const blockHash = new Uint8Array(32).fill(fill);
      const statement = { type: voteType.commit, round: 0, blockHash } as const;
      const { signer } = validators.find(({ name }) => name === "validator-3")!;
      return { ...statement, signature: signer.sign(statementPreimage(place, statement)) };
    };
    const payload = encodeEvidence({
      ...{ height: 1, validator: liar, first: commit(1), second: commit(2) },
    });
    const reporter = validators[0]!;
    const block = builder.make([builder.governance(reporter, kind.evidence, payload)]);
    builder.blocks.push(block);
    const rig = await startRig(builder, { anonymousReads: true });
    try {
      rig.carry(block);
      await rig.indexed(1);
      const { status, json } = await call(rig, "/api/v1/evidence");
      assert.equal(status, 200);
      assert.equal(json.items.length, 1);
      const [item] = json.items;
      assert.equal(item.validator.name, "validator-3");
      assert.deepEqual([item.offence, item.height, item.recordedAt], ["doubleCommit", 1, 1]);
      assert.equal(item.reporter, reporter.id);
      assert.deepEqual(Buffer.from(item.encoded, "base64url"), Buffer.from(payload));
    } finally {
      await rig.stop();
    }
  });
});
