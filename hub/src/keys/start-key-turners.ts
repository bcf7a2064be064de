import type { KeyRingFiles } from "@gridledger/edge-node/key-ring-files";
import { formatHex } from "@gridledger/protocol/hex";
import { KeyTurner } from "@gridledger/protocol/keys/key-turner";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { OverdueDeps } from "./overdue-keys.ts";
import { OverdueWatch } from "./overdue-watch.ts";

const WAIT_MS = 8_000;

interface TurnersDeps extends Pick<OverdueDeps, "directory" | "keys"> {
  readonly chain: Chain;
  readonly outbox: Pick<Outbox, "submit">;
  readonly headHeight: () => number;
  readonly webhooks: Pick<Webhooks, "raise">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Rotates the keys of this hub before their period ends (guide §4.1.2 b); what fails, and whose key of the
 * channel is overdue, is an alarm.
 */
export function startKeyTurners(
  deps: TurnersDeps,
  turning: readonly KeyRingFiles[],
  keyDays: number,
): { stop(): Promise<void> } {
  const turners = turning.map((keys) => turnerOf(deps, keys, keyDays));
  const watch = new OverdueWatch(deps, keyDays);
  for (const turner of turners) turner.start();
  watch.start();
  return {
    async stop() {
      await Promise.all([...turners, watch].map((part) => part.stop()));
    },
  };
}

function turnerOf(
  { chain, outbox, headHeight, webhooks, clock, log }: TurnersDeps,
  { ring, files, look }: KeyRingFiles,
  keyDays: number,
): KeyTurner {
  const id = formatHex(ring.id);
  const raise = async (trouble: object) => {
    try {
      await webhooks.raise("key.rotation", `${id}.${clock.now()}`, { identity: id, ...trouble });
    } catch (thrown) {
      log.error({ err: thrown }, "an alarm did not get through");
    }
  };
  return new KeyTurner(
    {
      ...{ chain, ring, files, look, headHeight, log },
      clock: { nowMs: () => clock.now(), schedule: (ms, action) => clock.after(ms, action) },
      async submit(rotation) {
        const { state } = await outbox.submit(rotation, WAIT_MS);
        return state === "final" ? "final" : "waiting";
      },
      onTrouble: (trouble) => void raise(trouble),
    },
    keyDays,
  );
}
