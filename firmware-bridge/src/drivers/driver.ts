import type { ConfigReader } from "@gridledger/edge-node/config-reader";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Readout } from "../metering/readout.ts";

/** A source of readouts: a P1 port, a bus of meters, a file. */
export interface Driver {
  /** Begins; failures are logged and tried again. */
  start(): void;
  /** Resolves when nothing comes any more. */
  stop(): Promise<void>;
}

export interface DriverDeps {
  /** Resolves when the readout is durably spooled; rejects with a Fault when it was not taken. */
  readonly accept: (readout: Readout) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes a driver of its part of the configuration. @throws Fault CONFIG_INVALID */
export type DriverFactory = (deps: DriverDeps, config: ConfigReader) => Driver;
