import { connect, type Socket } from "node:net";
import type { ConfigReader } from "@gridledger/edge-node/config-reader";
import { Pause } from "../clock.ts";
import type { Driver, DriverDeps } from "./driver.ts";
import { P1Stream, type P1StreamOptions } from "./p1-stream.ts";

/** DSMR 5 meters send every second; one reading in ten is enough and floods nobody. */
const DEFAULT_MIN_INTERVAL_MS = 10_000;

interface P1TcpOptions extends P1StreamOptions {
  readonly host: string;
  readonly port: number;
  /** A line that says nothing for so long is dead: meters send every 1 to 10 s. */
  readonly silenceMs: number;
  readonly reconnectMs: number;
}

/** A P1 port behind a serial server (ser2net, esp-link …): connects, listens, connects again. */
class P1Tcp implements Driver {
  readonly #deps: DriverDeps;
  readonly #options: P1TcpOptions;
  readonly #pause: Pause;
  readonly #stream: P1Stream;
  #isRunning = false;
  #socket: Socket | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: DriverDeps, options: P1TcpOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#pause = new Pause(deps.clock);
    this.#stream = new P1Stream(deps, options);
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#socket?.destroy();
    this.#pause.cut();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { name, reconnectMs } = this.#options;
    while (this.#isRunning) {
      await this.#listen();
      if (!this.#isRunning) return;
      this.#deps.log.warn(
        { source: name, code: "METER_UNREACHABLE" },
        "P1 line lost, trying again",
      );
      await this.#pause.wait(reconnectMs);
    }
  }

  async #listen(): Promise<void> {
    const { name, host, port, silenceMs } = this.#options;
    const socket = connect({ host, port });
    this.#socket = socket;
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on("connect", () =>
      this.#deps.log.info({ source: name, host, port }, "P1 line connected"),
    );
    try {
      // Reading waits for the spool, so a flood fills the socket and not the memory.
      for await (const chunk of socket) await this.#stream.push(chunk as Uint8Array);
    } catch (error) {
      this.#deps.log.debug({ source: name, error: String(error) }, "P1 line broken");
    }
    socket.destroy();
    if (this.#isRunning) await this.#stream.end();
  }
}

export function p1Tcp(deps: DriverDeps, config: ConfigReader): Driver {
  const host = config.text("host");
  const port = config.integer("port", [1, 65_535]);
  return new P1Tcp(deps, {
    ...p1StreamOptions(config, `${host}:${port}`, DEFAULT_MIN_INTERVAL_MS),
    host,
    port,
    silenceMs: config.integer("silenceMs", [100, 3_600_000], 60_000),
    reconnectMs: config.integer("reconnectMs", [10, 3_600_000], 5_000),
  });
}

/** The options that every P1 source has. */
export function p1StreamOptions(
  config: ConfigReader,
  name: string,
  minIntervalMs: number,
): P1StreamOptions {
  const meter = config.has("meter") ? { meter: config.text("meter") } : {};
  return {
    name: config.text("name", name),
    winterOffsetMinutes: config.integer("winterOffsetMinutes", [-720, 840], 60),
    minIntervalMs: config.integer("minIntervalMs", [0, 86_400_000], minIntervalMs),
    hasParityBit: config.flag("parityBit", false),
    isSimulated: config.flag("simulated", false),
    ...meter,
  };
}
