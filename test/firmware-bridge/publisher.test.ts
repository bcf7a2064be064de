import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import { verifyReceipt } from "@gridledger/protocol/messages/receipt";
import { ChainHeight } from "../../firmware-bridge/src/publishing/chain-height.ts";
import { Publisher } from "../../firmware-bridge/src/publishing/publisher.ts";
import { refusalAction } from "../../firmware-bridge/src/publishing/refusal-action.ts";
import { signBatch } from "../../firmware-bridge/src/publishing/signing.ts";
import { chain, createdMs, deviceRing, quiet } from "./test-chain.ts";
import { until, VirtualClock } from "./virtual-clock.ts";

function publisherOver(saveSigned: () => Promise<void>) {
  const clock = new VirtualClock(createdMs);
  const sent: Uint8Array[] = [];
  const publisher = new Publisher(
    {
      store: {
        saveSigned,
        retire: () => Promise.resolve(),
        pendingBatches: () => Promise.resolve([]),
        signedOf: () => Promise.resolve([]),
        batchOf: () => Promise.resolve(undefined),
      },
      clock,
      log: quiet,
      height: new ChainHeight(chain),
      sign: (batch, height) => signBatch(chain, deviceRing(), batch, height),
      onKeyRefused: () => false,
      onOther: () => {},
      verifyReceipt: (receipt) => verifyReceipt(chain, receipt),
      send: (message) => sent.push(message) > 0,
      random: () => 0.5,
    },
    { window: 8, windowPerMeter: 8, retryMs: 1_000, maxRetryMs: 8_000 },
  );
  return { clock, sent, publisher };
}

describe("the publisher", () => {
  it("sends nothing whose signed bytes could not be saved, and tries again", async () => {
    let tries = 0;
    const { clock, sent, publisher } = publisherOver(() =>
      ++tries === 1 ? Promise.reject(new Fault("SPOOL_FULL")) : Promise.resolve(),
    );
    publisher.onState(true);
    publisher.onSealed({ meter: "m1", sequence: 1, payload: Uint8Array.of(0xf6) });
    await until(() => tries === 1 && clock.timers === 1);
    assert.equal(sent.length, 0);
    clock.advance(1_000);
    await until(() => sent.length === 1);
    assert.equal(tries, 2);
  });

  it("bytes that are no receipt or refusal change nothing", async () => {
    const { publisher } = publisherOver(() => Promise.resolve());
    publisher.onReceipt(Uint8Array.of(1, 2, 3));
    publisher.onRefusal(Uint8Array.of(0xff));
    await until(() => publisher.counters.badReceipts === 1);
    await publisher.stop();
  });

  it("a code it does not know is one that a person has to mend", () => {
    assert.equal(refusalAction("TX_EXPIRED"), "sign-again");
    assert.equal(refusalAction("SENDER_UNKNOWN"), "blocked");
  });
});
