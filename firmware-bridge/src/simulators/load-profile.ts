import { readFileSync } from "node:fs";
import type { ConfigReader } from "@gridledger/edge-node/config-reader";
import { Fault } from "@gridledger/protocol/faults";

const HOUR_MS = 3_600_000;
const MAX_FILE_BYTES = 16 * 1024 * 1024;

interface LoadProfileOptions {
  /** Mean power of each step, W; repeated for ever. */
  readonly powersW: readonly number[];
  readonly stepMs: number;
  /** When the profile's first step began, Unix ms. */
  readonly epochMs: number;
  /** The profile is walked through this many times faster than time. */
  readonly speed: number;
}

/**
 * A load curve as a function of the wall clock alone, so that a simulated meter that restarts goes on
 * where it would have been and its registers never fall.
 */
export class LoadProfile {
  readonly #options: LoadProfileOptions;
  /** Energy of the steps before each one, W·steps. */
  readonly #sums: Float64Array;

  constructor(options: LoadProfileOptions) {
    this.#options = options;
    this.#sums = new Float64Array(options.powersW.length + 1);
    for (const [i, powerW] of options.powersW.entries())
      this.#sums[i + 1] = this.#sums[i]! + powerW;
  }

  powerW(timeMs: number): number {
    const { powersW } = this.#options;
    return powersW[Math.floor(this.#step(timeMs)) % powersW.length] ?? 0;
  }

  /** Energy since the epoch, Wh. */
  energyWh(timeMs: number): number {
    const { powersW, stepMs, speed } = this.#options;
    const step = this.#step(timeMs);
    const rounds = Math.floor(step / powersW.length);
    const at = step - rounds * powersW.length;
    const whole = Math.floor(at);
    const stepsW =
      rounds * this.#sums[powersW.length]! + this.#sums[whole]! + (at - whole) * powersW[whole]!;
    return (stepsW * stepMs) / HOUR_MS / speed;
  }

  #step(timeMs: number): number {
    const { epochMs, stepMs, speed } = this.#options;
    return (Math.max(0, timeMs - epochMs) * speed) / stepMs;
  }
}

/**
 * `{file, column, stepMinutes, wattsPerUnit, speed, epoch}`: a column of a CSV file with a header, `;`
 * or `,` between fields. A field that is empty or `?` (UCI) holds the power of the step before.
 *
 * @throws Fault CONFIG_INVALID, CAPTURE_INVALID
 */
export function readLoadProfile(config: ConfigReader): LoadProfile {
  const file = config.path("file");
  const column = config.text("column");
  const wattsPerUnit = config.number("wattsPerUnit", [0, 1e9], 1_000);
  const stepMs = config.number("stepMinutes", [0.01, 1_440], 15) * 60_000;
  const speed = config.number("speed", [0.01, 10_000], 1);
  const epochMs = Date.parse(config.text("epoch", "2026-01-01T00:00:00Z"));
  config.end();
  if (Number.isNaN(epochMs)) throw new Fault("CONFIG_INVALID", `${file}: epoch is not a date`);
  const powersW = readColumn(file, column).map((value) => value * wattsPerUnit);
  return new LoadProfile({ powersW, stepMs, epochMs, speed });
}

function readColumn(file: string, column: string): number[] {
  const [header = "", ...rows] = readText(file).trim().split(/\r?\n/);
  const separator = header.includes(";") ? ";" : ",";
  const at = header.split(separator).indexOf(column);
  if (at < 0) throw new Fault("CAPTURE_INVALID", `${file} has no column "${column}"`);
  let last = 0;
  const values = rows.map((row) => {
    const text = row.split(separator)[at] ?? "";
    if (text !== "" && text !== "?") last = Number(text);
    return last;
  });
  if (values.length === 0 || !values.every((value) => Number.isFinite(value) && value >= 0)) {
    throw new Fault("CAPTURE_INVALID", `${file}: column "${column}" is not all numbers from 0 up`);
  }
  return values;
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > MAX_FILE_BYTES) throw new Fault("CAPTURE_INVALID", `${file} is too large`);
    return bytes.toString("utf8");
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("CAPTURE_INVALID", `${file} cannot be read`, { cause });
  }
}
