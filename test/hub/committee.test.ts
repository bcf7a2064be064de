import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeCommitteeParameters } from "@gridledger/protocol/committee/parameters";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { formatHex } from "@gridledger/protocol/hex";
import { ValidatorSets } from "../../hub/src/index/governance/validator-sets.ts";
import { committee } from "../../hub/src/rest/endpoints/committee.ts";
import { network } from "../edge-node/support.ts";

async function answerOf({ chain }: ReturnType<typeof network>) {
  const endpoint = committee({ chain, index: { sets: new ValidatorSets(chain) } });
  return (endpoint as () => ReturnType<typeof endpoint>)();
}

describe("the committee over REST", () => {
  test("names who sits in it, when the next is drawn, and how available everybody is", async () => {
    const engineParameters = encodeCommitteeParameters({ seats: 3, epochBlocks: 50 });
    const drawn = network({ engine: "committee", engineParameters });
    const { epoch, gateways } = await answerOf(drawn);
    assert.deepEqual(epoch, { seats: 3, epochBlocks: 50, fromHeight: 1, nextFromHeight: 51 });
    assert.equal(gateways.length, 4);
    const { hash } = drawn.chain.suite;
    const seated = drawn.chain.firstSet.validators.map(({ publicKey }) =>
      formatHex(identityId(hash, publicKey)),
    );
    const members = gateways.filter(({ isMember }) => isMember).map(({ id }) => id);
    assert.deepEqual(members.toSorted(), seated.toSorted());
    for (const { weight, fullWeight, missedTurns } of gateways) {
      assert.deepEqual([weight, fullWeight, missedTurns], [32, 64, 0]);
    }
  });

  test("says where every validator seals", async () => {
    assert.deepEqual(await answerOf(network()), { epoch: null, gateways: [] });
  });
});
