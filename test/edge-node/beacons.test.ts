import assert from "node:assert/strict";
import { it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { verifyStatus } from "@gridledger/protocol/messages/status";
import { Beacons } from "../../edge-node/src/sync/beacons.ts";
import { network } from "./support.ts";
import { parts } from "./sync-bench.ts";

it("a status tells of no block that a loss of power could still take away", async () => {
  const { chain, validators } = network();
  const { signer } = validators[0]!;
  const genesis = parts().ledger.head;
  let height = 17;
  let isStored = () => {};
  const stored = new Promise<void>((resolve) => {
    isStored = resolve;
  });
  const sent: number[] = [];
  const beacons = new Beacons(
    {
      ...{ chain, signer, pool: { size: 0 } },
      head: () => ({ ...genesis, height }),
      headStored: () => stored,
      round: () => 0,
      measure: () => assert.fail("no telemetry here"),
      bus: {
        status(bytes) {
          sent.push(verifyStatus(chain.suite, signer.publicKey, chain.chainId, bytes).height);
          return true;
        },
        telemetry: () => true,
      },
      isActive: () => true,
      now: Date.now,
      clock: () => performance.now(),
      log: { warn() {} },
    },
    new Uint8Array(8),
  );
  beacons.statusSoon();
  await nextTurn();
  assert.deepEqual(sent, []);
  // What came meanwhile may not be on disk yet: the next status tells it.
  height = 18;
  isStored();
  await nextTurn();
  assert.deepEqual(sent, [17]);
});
