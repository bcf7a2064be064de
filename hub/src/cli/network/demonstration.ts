import { join } from "node:path";

/** Profiles are walked through faster than time, so that somebody who looks sees them move. */
const SPEED = 60;
/** A batch waits at most this long for more readings: the console shows news while people look. */
const BATCH_DELAY_MS = 3_000;
const POLL_MS = 2_000;
const busMeters = ["250800000001", "250800000002"] as const;

/**
 * The meters of a network that was just started: captured telegrams as they are, captured telegrams
 * that live on by measured load profiles, and DL/T 645 meters behind a simulated serial server. Each
 * says in its readings that it is simulated.
 *
 * @param captures the folder firmware-bridge/captures
 * @param busPort a free port for the serial server
 */
export function demonstrationMeters(captures: string, busPort: number) {
  const telegram = (name: string) => join(captures, "dsmr", `telegram_${name}.txt`);
  const bus = { host: "127.0.0.1", port: busPort };
  return {
    batch: { maxReadings: 60, maxDelayMs: BATCH_DELAY_MS },
    drivers: [
      {
        type: "p1-replay",
        name: "captured telegrams",
        captures: [telegram("fluvius_v171"), telegram("iskra_ie")],
        simulated: true,
        intervalMs: 10_000,
      },
      {
        type: "p1-replay",
        name: "household",
        captures: [telegram("v5")],
        simulated: true,
        intervalMs: POLL_MS,
        load: household(captures),
      },
      {
        type: "p1-replay",
        name: "household with photovoltaics",
        captures: [telegram("v4_2")],
        simulated: true,
        intervalMs: POLL_MS,
        load: household(captures),
        generation: photovoltaics(captures),
      },
      {
        type: "p1-replay",
        name: "cooperative with a wind turbine",
        captures: [telegram("iskra_am550_v5")],
        simulated: true,
        intervalMs: POLL_MS,
        generation: wind(captures),
      },
      { type: "dlt645-tcp", ...bus, meters: busMeters, simulated: true, intervalMs: POLL_MS },
    ],
    simulators: [
      {
        type: "dlt645",
        ...bus,
        meters: busMeters.map((address, i) => ({
          address,
          startKwh: 1_000 * (i + 1),
          load: commerce(captures),
        })),
      },
    ],
  };
}

function household(captures: string) {
  const file = join(captures, "profiles/uci_household_1min_2days.csv");
  return { file, column: "Global_active_power", stepMinutes: 1, speed: SPEED };
}

function photovoltaics(captures: string) {
  const file = join(captures, "profiles/simbench_pv_wind_15min.csv");
  return { file, column: "PVa", stepMinutes: 15, wattsPerUnit: 5_000, speed: SPEED };
}

function wind(captures: string) {
  const file = join(captures, "profiles/simbench_pv_wind_15min.csv");
  return { file, column: "Winda", stepMinutes: 15, wattsPerUnit: 12_000, speed: SPEED };
}

function commerce(captures: string) {
  const file = join(captures, "profiles/simbench_load_G0_15min_28days.csv");
  return { file, column: "G0_0_pload", stepMinutes: 15, wattsPerUnit: 10_000, speed: SPEED };
}
