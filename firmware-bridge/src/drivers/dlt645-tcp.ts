import type { ConfigReader } from "@gridledger/edge-node/config-reader";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { Pause } from "../clock.ts";
import { formatDi, parseDi } from "../frames/dlt645/data-identifier.ts";
import { Dlt645Bus } from "./dlt645-bus.ts";
import { readMeter } from "./dlt645-readout.ts";
import type { Driver, DriverDeps } from "./driver.ts";

/** Energies with tariffs, voltages, currents, powers and frequency: what nearly every meter has. */
const DEFAULT_IDENTIFIERS = [
  "0001FF00",
  "0002FF00",
  "0201FF00",
  "0202FF00",
  "0203FF00",
  "02800002",
];

interface Dlt645TcpOptions {
  readonly name: string;
  /** 12 digits each; empty to ask the one meter on the bus for its own. */
  readonly meters: readonly string[];
  readonly identifiers: readonly number[];
  readonly intervalMs: number;
  readonly utcOffsetMinutes: number | null;
  readonly isSimulated: boolean;
}

/** Polls the meters of one bus, one after the other, and begins again when the interval is over. */
class Dlt645Tcp implements Driver {
  readonly #deps: DriverDeps;
  readonly #bus: Dlt645Bus;
  readonly #options: Dlt645TcpOptions;
  readonly #pause: Pause;
  /** Registers that a meter said it does not have: told once. */
  readonly #told = new Set<string>();
  #meters: readonly string[];
  #isRunning = false;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: DriverDeps, bus: Dlt645Bus, options: Dlt645TcpOptions) {
    this.#deps = deps;
    this.#bus = bus;
    this.#options = options;
    this.#meters = options.meters;
    this.#pause = new Pause(deps.clock);
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#pause.cut();
    this.#bus.close();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    while (this.#isRunning) {
      const startedMs = clock.nowMs();
      try {
        if (!this.#bus.isOpen) await this.#bus.open();
        if (this.#meters.length === 0) this.#meters = [await this.#bus.readAddress()];
        for (const meter of this.#meters) await this.#poll(meter);
      } catch (thrown) {
        if (this.#isRunning) this.#report(thrown, {});
      }
      if (!this.#isRunning) break;
      await this.#pause.wait(Math.max(1, startedMs + this.#options.intervalMs - clock.nowMs()));
    }
    this.#bus.close();
  }

  async #poll(meter: string): Promise<void> {
    if (!this.#isRunning || !this.#bus.isOpen) return;
    const { identifiers, utcOffsetMinutes, isSimulated } = this.#options;
    try {
      const readout = await readMeter((di) => this.#bus.readData(meter, di), {
        meter,
        identifiers,
        utcOffsetMinutes,
        isSimulated,
        nowMs: () => this.#deps.clock.nowMs(),
        onFault: (di, thrown) => this.#reportOnce(meter, di, thrown),
      });
      await this.#deps.accept(readout);
    } catch (thrown) {
      // A silent meter does not keep the others of the bus from being read.
      if (this.#isRunning) this.#report(thrown, { meter });
    }
  }

  #reportOnce(meter: string, di: number, thrown: unknown): void {
    const key = `${meter} ${di} ${asFault(thrown).code}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#report(thrown, { meter, di: formatDi(di) });
  }

  #report(thrown: unknown, about: object): void {
    const { code, message, data } = asFault(thrown);
    this.#deps.log.warn({ source: this.#options.name, code, ...about, ...data }, message);
  }
}

/** @throws Fault CONFIG_INVALID */
export function dlt645Tcp(deps: DriverDeps, config: ConfigReader): Driver {
  const host = config.text("host");
  const port = config.integer("port", [1, 65_535]);
  const name = config.text("name", `${host}:${port}`);
  const meters = config.texts("meters", []);
  const wrong = meters.find((meter) => !/^\d{12}$/.test(meter));
  if (wrong !== undefined) {
    throw new Fault("CONFIG_INVALID", `${name}: meter address "${wrong}" must have 12 digits`);
  }
  const bus = new Dlt645Bus(deps.clock, {
    host,
    port,
    timeoutMs: config.integer("timeoutMs", [10, 60_000], 1_000),
    retries: config.integer("retries", [0, 10], 2),
    gapMs: config.integer("gapMs", [0, 10_000], 50),
  });
  return new Dlt645Tcp(deps, bus, {
    name,
    meters,
    identifiers: config
      .texts("identifiers", DEFAULT_IDENTIFIERS)
      .map((text) => identifier(name, text)),
    intervalMs: config.integer("intervalMs", [10, 86_400_000], 60_000),
    utcOffsetMinutes: config.flag("readClock", true)
      ? config.integer("utcOffsetMinutes", [-720, 840], 480)
      : null,
    isSimulated: config.flag("simulated", false),
  });
}

function identifier(name: string, text: string): number {
  const di = parseDi(text);
  if (di !== null) return di;
  throw new Fault("CONFIG_INVALID", `${name}: data identifier "${text}" must have 8 hex digits`);
}
