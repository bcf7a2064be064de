import { dlt645Tcp } from "./dlt645-tcp.ts";
import type { DriverFactory } from "./driver.ts";
import { p1Replay } from "./p1-replay.ts";
import { p1Tcp } from "./p1-tcp.ts";

/** Drivers by the name that stands in the configuration. A new one is a file and a line here. */
export const drivers: Readonly<Record<string, DriverFactory>> = {
  "p1-tcp": p1Tcp,
  "p1-replay": p1Replay,
  "dlt645-tcp": dlt645Tcp,
};
