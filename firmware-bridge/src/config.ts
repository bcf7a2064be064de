import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ClientTlsFiles } from "@gridledger/edge-node/client-tls";
import {
  logLevels,
  readConfigFile,
  readTlsFiles,
  readUnlockSource,
} from "@gridledger/edge-node/config-file";
import type { ConfigReader } from "@gridledger/edge-node/config-reader";
import { Fault } from "@gridledger/protocol/faults";
import type { KeySource } from "@gridledger/protocol/keys/held-key";
import { MAX_READINGS_PER_BATCH } from "@gridledger/protocol/metering/reading-batch";
import type { BridgeOptions } from "./bridge.ts";

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
  const { genesisFile, ...config } = await readConfigFile(file, (root) => readBridge(root, folder));
  return { ...config, genesis: await readGenesis(genesisFile) };
}

function readBridge(
  root: ConfigReader,
  folder: string,
): Omit<BridgeConfig, "genesis"> & { readonly genesisFile: string } {
  const brokers = root.texts("brokers");
  if (brokers.length === 0) throw new Fault("CONFIG_INVALID", "brokers is empty");
  return {
    genesisFile: root.path("genesis"),
    suites: root.texts("suites", []),
    folder,
    key: { path: root.path("key"), unlock: readUnlockSource(root) },
    certificateFile: root.has("certificate") ? root.path("certificate") : undefined,
    keyDays: root.integer("keyDays", [1, 3_650], 365),
    rotatesKeys: root.flag("rotateKeys", true),
    brokers,
    tls: readTlsFiles(root),
    logLevel: root.oneOf("logLevel", logLevels, "info"),
    ...readSpool(root),
    bridge: readOptions(root),
    drivers: root.objects("drivers"),
    simulators: root.objects("simulators"),
  };
}

function readSpool(root: ConfigReader): Pick<BridgeConfig, "spoolFile" | "spoolMaxBytes"> {
  const spool = root.object("spool");
  const home = root.has("home") ? root.path("home") : undefined;
  const spoolFile = spool.has("file")
    ? spool.path("file")
    : join(home ?? root.path("home"), "spool.sqlite");
  const spoolMaxBytes = spool.integer("maxBytes", [65_536, 2 ** 40], 268_435_456);
  spool.end();
  return { spoolFile, spoolMaxBytes };
}

function readOptions(root: ConfigReader): BridgeOptions {
  const batch = root.object("batch");
  const publish = root.object("publish");
  const options = {
    maxReadings: batch.integer("maxReadings", [1, MAX_READINGS_PER_BATCH], 60),
    maxDelayMs: batch.integer("maxDelayMs", [0, DAY_MS], 60_000),
    window: publish.integer("window", [1, 4_096], 1_024),
    windowPerMeter: publish.integer("windowPerMeter", [1, 256], 16),
    retryMs: publish.integer("retryMs", [100, DAY_MS], 5_000),
    maxRetryMs: publish.integer("maxRetryMs", [100, DAY_MS], 300_000),
  };
  batch.end();
  publish.end();
  return options;
}

async function readGenesis(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${file} cannot be read`, { cause });
  }
}
