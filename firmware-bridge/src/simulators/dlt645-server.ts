import { createServer, type Server, type Socket } from "node:net";
import type { ConfigReader } from "@gridledger/edge-node/config-reader";
import { Fault } from "@gridledger/protocol/faults";
import type { Clock } from "../clock.ts";
import { encodeFrame } from "../frames/dlt645/frame.ts";
import { FrameSplitter } from "../frames/dlt645/frame-splitter.ts";
import type { Log } from "../log.ts";
import { SimulatedDlt645Meter } from "./dlt645-meter.ts";
import { readLoadProfile } from "./load-profile.ts";

const WAKE_UP = Buffer.from("fefefefe", "hex");

interface Dlt645ServerDeps {
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Log;
}

interface Dlt645ServerOptions {
  readonly host: string;
  readonly port: number;
}

/** Simulated meters on one bus behind a serial server: real frames over real TCP. */
export class Dlt645Server {
  readonly #deps: Dlt645ServerDeps;
  readonly #meters: readonly SimulatedDlt645Meter[];
  readonly #options: Dlt645ServerOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(
    deps: Dlt645ServerDeps,
    meters: readonly SimulatedDlt645Meter[],
    options: Dlt645ServerOptions,
  ) {
    this.#deps = deps;
    this.#meters = meters;
    this.#options = options;
  }

  /** The port it listens on. @throws Fault PORT_IN_USE */
  async start(): Promise<number> {
    const { host, port } = this.#options;
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) =>
        reject(new Fault("PORT_IN_USE", `${host}:${port}`, { cause })),
      );
      server.listen(port, host, resolve);
    });
    const address = server.address();
    const bound = typeof address === "object" && address !== null ? address.port : port;
    const data = { host, port: bound, meters: this.#meters.length, simulated: true };
    this.#deps.log.warn(data, "simulated DL/T 645 meters: these are not real");
    return bound;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const splitter = new FrameSplitter();
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk) => {
      for (const request of splitter.push(chunk)) {
        if (request instanceof Fault) continue;
        for (const meter of this.#meters) {
          const answer = meter.answer(request, this.#deps.clock.nowMs());
          if (answer !== null) socket.write(Buffer.concat([WAKE_UP, encodeFrame(answer)]));
        }
      }
    });
  }
}

/** `{host, port, meters: [{address, startKwh, load}]}`. @throws Fault CONFIG_INVALID, CAPTURE_INVALID */
export function dlt645Server(deps: Dlt645ServerDeps, config: ConfigReader): Dlt645Server {
  const host = config.text("host", "127.0.0.1");
  const port = config.integer("port", [0, 65_535]);
  const meters = config.objects("meters").map((meter) => {
    const options = {
      address: meter.text("address"),
      startWh: meter.number("startKwh", [0, 999_999], 0) * 1_000,
      load: meter.has("load") ? readLoadProfile(meter.object("load")) : undefined,
      utcOffsetMinutes: meter.integer("utcOffsetMinutes", [-720, 840], 480),
      maxAnswerBytes: meter.integer("maxAnswerBytes", [1, 192], 192),
    };
    meter.end();
    if (!/^\d{12}$/.test(options.address)) {
      throw new Fault("CONFIG_INVALID", `meter address "${options.address}" must have 12 digits`);
    }
    return new SimulatedDlt645Meter(options);
  });
  config.end();
  return new Dlt645Server(deps, meters, { host, port });
}
