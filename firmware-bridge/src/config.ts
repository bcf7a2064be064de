import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ClientTlsFiles } from "@gridledger/edge-node/client-tls";
import { Fault } from "@gridledger/protocol/faults";
import type { KeySource } from "@gridledger/protocol/keys/held-key";
import { type UnlockSource, unlockSourceOf } from "@gridledger/protocol/keys/unlock";
import { MAX_READINGS_PER_BATCH } from "@gridledger/protocol/metering/reading-batch";
import type { BridgeOptions } from "./bridge.ts";
import { ConfigReader } from "./config-reader.ts";

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
const DAY_MS = 86_400_000;

/** `bridge.json`. Paths are relative to the file. */
export interface BridgeConfig {
  readonly genesis: Uint8Array;
  /** Packages that bring a crypto suite: npm names, or paths. */
  readonly suites: readonly string[];
  /** Of the file; packages are looked up from there. */
  readonly folder: string;
  /** Key page or PEM, and the page's secret. */
  readonly key: KeySource;
  /** PEM of the device's certificate and its chain; the bridge then renews it. */
  readonly certificateFile: string | undefined;
  /** How long a key is good, and whether the bridge rotates it before that is over. */
  readonly keyDays: number;
  readonly rotatesKeys: boolean;
  readonly brokers: readonly string[];
  /** For `mqtts:` brokers. */
  readonly tls: ClientTlsFiles | undefined;
  readonly logLevel: string;
  readonly spoolFile: string;
  readonly spoolMaxBytes: number;
  readonly bridge: BridgeOptions;
  /** `{type, …}` each; the rest of its keys is the driver's business. */
  readonly drivers: readonly ConfigReader[];
  readonly simulators: readonly ConfigReader[];
}

/** @throws Fault CONFIG_INVALID naming what is wrong, KEY_INVALID */
export async function loadConfig(file: string): Promise<BridgeConfig> {
  const folder = dirname(resolve(file));
  const root = new ConfigReader(parseJson(file, await readConfig(file)), "", folder);
  const spool = root.object("spool");
  const batch = root.object("batch");
  const publish = root.object("publish");
  const config = {
    genesis: await readConfig(root.path("genesis")),
    suites: root.texts("suites", []),
    folder,
    key: {
      path: root.path("key"),
      unlock: root.has("unlock") ? readUnlock(root.object("unlock")) : undefined,
    },
    certificateFile: root.has("certificate") ? root.path("certificate") : undefined,
    keyDays: root.integer("keyDays", [1, 3_650], 365),
    rotatesKeys: root.flag("rotateKeys", true),
    brokers: root.texts("brokers"),
    tls: root.has("tls") ? readTls(root.object("tls")) : undefined,
    logLevel: root.oneOf("logLevel", logLevels, "info"),
    spoolFile: spool.has("file") ? spool.path("file") : join(root.path("home"), "spool.sqlite"),
    spoolMaxBytes: spool.integer("maxBytes", [65_536, 2 ** 40], 268_435_456),
    bridge: {
      maxReadings: batch.integer("maxReadings", [1, MAX_READINGS_PER_BATCH], 60),
      maxDelayMs: batch.integer("maxDelayMs", [0, DAY_MS], 60_000),
      window: publish.integer("window", [1, 4_096], 1_024),
      windowPerMeter: publish.integer("windowPerMeter", [1, 256], 16),
      retryMs: publish.integer("retryMs", [100, DAY_MS], 5_000),
      maxRetryMs: publish.integer("maxRetryMs", [100, DAY_MS], 300_000),
    },
    drivers: root.objects("drivers"),
    simulators: root.objects("simulators"),
  };
  if (root.has("home")) root.text("home");
  if (config.brokers.length === 0) throw new Fault("CONFIG_INVALID", "brokers is empty");
  for (const reader of [spool, batch, publish, root]) reader.end();
  return config;
}

function readTls(tls: ConfigReader): ClientTlsFiles {
  const files = { ca: tls.path("ca"), cert: tls.path("cert"), key: tls.path("key") };
  tls.end();
  return files;
}

function readUnlock(unlock: ConfigReader): UnlockSource | undefined {
  const given = {
    ...(unlock.has("file") && { file: unlock.path("file") }),
    ...(unlock.has("env") && { env: unlock.text("env") }),
    ...(unlock.has("credential") && { credential: unlock.text("credential") }),
  };
  unlock.end();
  return unlockSourceOf(given, resolve);
}

async function readConfig(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${file} cannot be read`, { cause });
  }
}

function parseJson(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${file} is not JSON`, { cause });
  }
}
