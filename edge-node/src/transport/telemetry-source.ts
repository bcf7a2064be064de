import { readdir, stat, statfs } from "node:fs/promises";
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
  /** What the disk keeper and sync have to say. */
  readonly upkeep: () => Pick<Telemetry, "maxDiskBytes" | "firstHeight" | "syncFaults" | "warning">;
}

interface TelemetrySourceOptions {
  readonly home: string;
  /** Unix time in ms. */
  readonly startedMs: number;
}

/** Measures this process. */
export async function measure(
  { pool, links, engine, upkeep }: TelemetrySourceDeps,
  { home, startedMs }: TelemetrySourceOptions,
): Promise<Telemetry> {
  const { user, system } = process.cpuUsage();
  let bytesIn = 0;
  let bytesOut = 0;
  for (const { counters } of links) {
    bytesIn += counters.bytesIn;
    bytesOut += counters.bytesOut;
  }
  const { bavail, bsize } = await statfs(home);
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
    diskFreeBytes: bavail * bsize,
    ...upkeep(),
  };
}

/** Bytes of all files in a folder and those below it. */
export async function diskBytes(folder: string, without?: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await diskBytes(path);
    // A file may go between the listing and the look: a log segment that was cut.
    else if (entry.name !== without) bytes += (await stat(path).catch(() => null))?.size ?? 0;
  }
  return bytes;
}
