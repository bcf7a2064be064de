import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FaultCode } from "@gridledger/protocol/faults";
import type { Telemetry } from "@gridledger/protocol/messages/telemetry";

interface TelemetrySourceDeps {
  readonly pool: { readonly size: number };
  readonly engine: {
    /** Why this node signs nothing, if so. */
    readonly suspended: FaultCode | undefined;
    /** Consensus messages refused, by code. */
    readonly rejections: ReadonlyMap<FaultCode, number>;
  };
  readonly links: readonly {
    readonly counters: { readonly bytesIn: number; readonly bytesOut: number };
  }[];
}

interface TelemetrySourceOptions {
  readonly home: string;
  /** Unix time in ms. */
  readonly startedMs: number;
}

/** Measures this process. */
export async function measure(
  { pool, links, engine }: TelemetrySourceDeps,
  { home, startedMs }: TelemetrySourceOptions,
): Promise<Telemetry> {
  const { user, system } = process.cpuUsage();
  let bytesIn = 0;
  let bytesOut = 0;
  for (const { counters } of links) {
    bytesIn += counters.bytesIn;
    bytesOut += counters.bytesOut;
  }
  return {
    rssBytes: process.memoryUsage.rss(),
    cpuMicros: user + system,
    poolSize: pool.size,
    diskBytes: await diskBytes(home),
    bytesIn,
    bytesOut,
    startedMs,
    // After the wait above: it is sent because this has changed.
    alarm: engine.suspended ?? "",
    rejections: [...engine.rejections],
  };
}

async function diskBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    // A file may go between the listing and the look: a log segment that was cut.
    if (entry.isFile())
      bytes += (await stat(join(folder, entry.name)).catch(() => null))?.size ?? 0;
  }
  return bytes;
}
