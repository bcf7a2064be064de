import type { RegisterColumn } from "@gridledger/protocol/metering/reading-batch";
import type { SpooledReading } from "../spool/spool.ts";

/** A meter's readings that are in no batch yet, in runs of one set of registers each. */
export class OpenReadings {
  readonly #runs: { readonly signature: string; readonly readings: SpooledReading[] }[] = [];

  add(reading: SpooledReading): void {
    const signature = reading.registers
      .map(({ obis, unit, scaler }) => `${obis} ${unit} ${scaler}`)
      .join();
    const run = this.#runs.at(-1);
    if (run?.signature === signature) run.readings.push(reading);
    else this.#runs.push({ signature, readings: [reading] });
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** True when a batch is due whatever the time: full, or the meter's registers have changed. */
  hasWholeBatch(maxReadings: number): boolean {
    return this.#runs.length > 1 || (this.#runs[0]?.readings.length ?? 0) >= maxReadings;
  }

  /** The oldest readings that fit one batch. */
  first(maxReadings: number): SpooledReading[] {
    return this.#runs[0]?.readings.slice(0, maxReadings) ?? [];
  }

  removeFirst(count: number): void {
    const run = this.#runs[0];
    run?.readings.splice(0, count);
    if (run?.readings.length === 0) this.#runs.shift();
  }
}

/** The readings as columns; all have the registers of the first. */
export function columnsOf(readings: readonly SpooledReading[]): RegisterColumn[] {
  const registers = readings[0]?.registers ?? [];
  return registers.map(({ obis, unit, scaler }, column) => ({
    obis,
    unit,
    scaler,
    values: readings.map((reading) => reading.registers[column]?.value ?? null),
  }));
}
