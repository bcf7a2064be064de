import type { CorrectedEntry } from "../ledger/corrected-values.ts";
import type { ReadingBatch } from "./reading-batch.ts";

type Standing = Pick<CorrectedEntry, "obis" | "timeMs" | "value">;

/** The batch with the values that stand now. It is no batch of the chain: nobody signed it. */
export function correctedBatch(batch: ReadingBatch, standing: readonly Standing[]): ReadingBatch {
  if (standing.length === 0) return batch;
  const place = (timeMs: number, obis: string): string => `${timeMs} ${obis}`;
  const values = new Map(standing.map(({ timeMs, obis, value }) => [place(timeMs, obis), value]));
  const registers = batch.registers.map((register) => ({
    ...register,
    values: register.values.map((value, i) => {
      const now = values.get(place(batch.timesMs[i]!, register.obis));
      return now === undefined ? value : now;
    }),
  }));
  return { ...batch, registers };
}
