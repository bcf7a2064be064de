import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { parseHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { encodeOriginal, originalOfProof } from "@gridledger/protocol/ledger/original";
import { encodeContent } from "@gridledger/protocol/metering/correction";
import type { CorrectionReason } from "@gridledger/protocol/metering/correction-reason";
import type { StandingValue, ValueStatus } from "@gridledger/protocol/metering/value-status";
import type { Hub } from "../hub/connect.ts";
import { decimalColumn } from "../submit/decimal-column.ts";

export interface WantedCorrection {
  readonly meter: string;
  readonly timeMs: number;
  readonly obis: string;
  readonly status: Exclude<ValueStatus, "original">;
  /** A decimal in the register's unit; undefined where it is void. */
  readonly decimal: string | undefined;
  readonly reason: CorrectionReason;
  readonly words: string;
}

/**
 * The content of a correction of what stands now, with the proof of the batch.
 *
 * @throws Fault NOT_FOUND where there is no such reading, CORRECTION_VALUE
 */
export async function makeContent(chain: Chain, hub: Hub, wanted: WantedCorrection) {
  const { meter, timeMs, obis, status, decimal, reason, words } = wanted;
  const [reading] = (
    await hub.call("readings", { params: { meter }, query: { from: timeMs, to: timeMs, obis } })
  ).items;
  if (reading === undefined) {
    throw new Fault("NOT_FOUND", `${meter} has no reading of ${obis} at ${timeMs}`);
  }
  const { last } = await hub.call("corrections", { params: { meter }, query: { limit: 1 } });
  const proof = await hub.call("readingProof", { params: { meter, timeMs } });
  const { unit, scaler, sequence } = reading;
  const value = decimal === undefined ? null : scaledValue(obis, decimal, scaler);
  const values = [{ timeMs, old: standingOf(reading), fresh: { status, value } }];
  return encodeContent({
    ...{ meter, number: last.number + 1, previousHash: parseHex(last.contentHash), sequence },
    ...{ reason, words, registers: [{ obis, unit, scaler, values }] },
    original: encodeOriginal(originalOfProof(chain, proof)),
  });
}

function standingOf({
  value,
  correction,
}: RouteAnswer<"readings">["items"][number]): StandingValue {
  if (correction === null) return { status: "original", value };
  return { status: correction.status, value: correction.value };
}

/** "1150.5" in steps of 10^scaler. @throws Fault CORRECTION_VALUE where it lies between two */
function scaledValue(obis: string, decimal: string, scaler: number): number {
  const column = decimalColumn(obis, "Wh", [decimal]);
  const digits = column.values[0] ?? Number.NaN;
  const power = column.scaler - scaler;
  const divisor = 10 ** Math.max(0, -power);
  const steps = (digits / divisor) * 10 ** Math.max(0, power);
  if (digits % divisor === 0 && Number.isSafeInteger(steps)) return steps;
  throw new Fault("CORRECTION_VALUE", `${decimal} is no multiple of 10^${scaler}`);
}
