import { readFileSync } from "node:fs";
import type { ConfigReader } from "@gridledger/edge-node/config-reader";
import { Fault } from "@gridledger/protocol/faults";
import { Pause } from "../clock.ts";
import { TelegramSplitter } from "../frames/dsmr/telegram-splitter.ts";
import { liveTelegram } from "../simulators/live-telegram.ts";
import { type LoadProfile, readLoadProfile } from "../simulators/load-profile.ts";
import type { Driver, DriverDeps } from "./driver.ts";
import { P1Stream, type P1StreamOptions } from "./p1-stream.ts";
import { p1StreamOptions } from "./p1-tcp.ts";

interface P1ReplayOptions extends P1StreamOptions {
  /** Telegrams as captured. */
  readonly telegrams: readonly Uint8Array[];
  readonly intervalMs: number;
  readonly load: LoadProfile | undefined;
  readonly generation: LoadProfile | undefined;
}

/**
 * Sends captured telegrams through the real splitter and parser. Without a profile the bytes are the
 * capture's, so each is new once and a repeat after that. With one the registers live, and every
 * readout is marked as simulated.
 */
class P1Replay implements Driver {
  readonly #deps: DriverDeps;
  readonly #options: P1ReplayOptions;
  readonly #pause: Pause;
  #isRunning = false;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: DriverDeps, options: P1ReplayOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#pause = new Pause(deps.clock);
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { name, isSimulated, telegrams } = this.#options;
    const data = { source: name, simulated: isSimulated, telegrams: telegrams.length };
    this.#deps.log.warn(data, "P1 replay: these readings are not from a meter on a line");
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#pause.cut();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { telegrams, intervalMs } = this.#options;
    const stream = new P1Stream(this.#deps, this.#options);
    for (let at = 0; this.#isRunning; at = (at + 1) % telegrams.length) {
      await stream.push(this.#bytes(telegrams[at]!));
      if (this.#isRunning) await this.#pause.wait(intervalMs);
    }
  }

  #bytes(telegram: Uint8Array): Uint8Array {
    const { load, generation, winterOffsetMinutes } = this.#options;
    if (load === undefined && generation === undefined) {
      return Buffer.concat([telegram, Buffer.from("\r\n")]);
    }
    const timeMs = this.#deps.clock.nowMs();
    const live = {
      timeMs,
      importW: load?.powerW(timeMs) ?? 0,
      exportW: generation?.powerW(timeMs) ?? 0,
      importWh: load?.energyWh(timeMs) ?? 0,
      exportWh: generation?.energyWh(timeMs) ?? 0,
    };
    return liveTelegram(telegram, live, winterOffsetMinutes);
  }
}

/** @throws Fault CONFIG_INVALID, CAPTURE_INVALID */
export function p1Replay(deps: DriverDeps, config: ConfigReader): Driver {
  const captures = config.paths("captures");
  const options = p1StreamOptions(config, "p1-replay", 0);
  const load = config.has("load") ? readLoadProfile(config.object("load")) : undefined;
  const generation = config.has("generation")
    ? readLoadProfile(config.object("generation"))
    : undefined;
  const isLive = load !== undefined || generation !== undefined;
  if (isLive && !options.isSimulated) {
    throw new Fault(
      "CONFIG_INVALID",
      `${options.name}: a source with a profile says "simulated": true`,
    );
  }
  return new P1Replay(deps, {
    ...options,
    telegrams: captures.flatMap(readTelegrams),
    intervalMs: config.integer("intervalMs", [1, 86_400_000], 10_000),
    load,
    generation,
  });
}

function readTelegrams(file: string): Uint8Array[] {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new Fault("CAPTURE_INVALID", `${file} cannot be read`, { cause });
  }
  const splitter = new TelegramSplitter();
  const found = [...splitter.push(bytes), ...splitter.end()];
  const telegrams = found.filter((item) => item instanceof Uint8Array);
  if (telegrams.length === 0) throw new Fault("CAPTURE_INVALID", `${file} holds no P1 telegram`);
  return telegrams;
}
