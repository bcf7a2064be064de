import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { type UnlockSource, unlockSourceOf } from "@gridledger/protocol/keys/unlock";
import { MIN_KEPT_BLOCKS } from "./store/disk-keeper.ts";
import type { ClientTlsFiles } from "./transport/client-tls.ts";

/** The log of consensus and the database's own log take about this much. */
const MIN_DISK_BYTES = 33_554_432;
const MAX_VERIFY_THREADS = 16;
const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
type LogLevel = (typeof logLevels)[number];

/** `rpc` of `node.json` (guide §5.2.5). */
export interface RpcConfig {
  readonly host: string;
  readonly port: number;
  /** `rpc-users.json`, written by `gridledger node rpc-user`. */
  readonly users: string;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly allowedOrigins: readonly string[];
  readonly requestsPerSecond: number;
}

/** `node.json`. Paths are relative to the file. */
export interface NodeConfig {
  /** The channel's genesis, CBOR. */
  readonly genesis: string;
  /** The node's key: a key page, or PKCS#8 PEM; only its owner may read it. */
  readonly key: string;
  /** Where the secret of its page is. */
  readonly unlock?: UnlockSource | undefined;
  /** Folder for everything the node stores. */
  readonly home: string;
  /** `mqtt://host:port` or `mqtts://host:port`; the node talks to all of them. */
  readonly brokers: readonly string[];
  /** For `mqtts:` brokers. */
  readonly tls: ClientTlsFiles | undefined;
  /** What people call the node. */
  readonly name: string;
  /** The node's own RPC; absent: it has none. */
  readonly rpc: RpcConfig | undefined;
  readonly logLevel: LogLevel;
  /** How a node without a chain begins: with every block, or with the state of a proven header. */
  readonly sync: "full" | "snapshot";
  /** All of the node's files together; old blocks are pruned for it. Undefined where it has no limit. */
  readonly maxDiskBytes: number | undefined;
  /** Older blocks than the newest so many are pruned. Undefined keeps all that the disk takes. */
  readonly keepBlocks: number | undefined;
  /** Bytes of objects that the node keeps copies of; 0 keeps none any more, undefined never did. */
  readonly copyBytes: number | undefined;
  /** Threads that verify signatures while the node catches up; 0 for none, undefined by its cores. */
  readonly verifyThreads: number | undefined;
  /** Packages that bring a consensus engine: npm names, or absolute paths. */
  readonly engines: readonly string[];
  /** Packages that bring a crypto suite: npm names, or paths. */
  readonly suites: readonly string[];
}

/** @throws Fault CONFIG_INVALID saying which field is wrong */
export async function loadConfig(file: string): Promise<NodeConfig> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${file}: ${asFault(cause).cause}`, { cause });
  }
  if (typeof parsed !== "object" || parsed === null) {
    throw new Fault("CONFIG_INVALID", `${file} must hold an object`);
  }
  const fields = parsed as Readonly<Record<string, unknown>>;
  const folder = dirname(resolve(file));
  const { brokers, logLevel = "info", engines = [], suites = [] } = fields;
  if (!isTexts(engines)) {
    throw new Fault("CONFIG_INVALID", `${file}: "engines" must be a list of packages`);
  }
  if (!isTexts(suites)) {
    throw new Fault("CONFIG_INVALID", `${file}: "suites" must be a list of packages`);
  }
  if (!isTexts(brokers) || brokers.length === 0) {
    throw new Fault("CONFIG_INVALID", `${file}: "brokers" must be a list of at least one URL`);
  }
  const level = logLevels.find((known) => known === logLevel);
  if (level === undefined) {
    throw new Fault("CONFIG_INVALID", `${file}: "logLevel" must be one of ${logLevels.join(", ")}`);
  }
  return {
    genesis: resolve(folder, text(file, fields, "genesis")),
    key: resolve(folder, text(file, fields, "key")),
    unlock: unlockSourceOf(fields.unlock, (path) => resolve(folder, path)),
    home: resolve(folder, text(file, fields, "home")),
    brokers,
    tls: readTls(file, folder, fields.tls),
    name: text(file, fields, "name"),
    logLevel: level,
    engines: engines.map((name) => (/^\.{1,2}\//.test(name) ? resolve(folder, name) : name)),
    suites,
    rpc: readRpc(file, folder, fields.rpc),
    sync: syncMode(file, fields.sync),
    maxDiskBytes: atLeast(file, fields, "maxDiskBytes", MIN_DISK_BYTES),
    keepBlocks: atLeast(file, fields, "keepBlocks", MIN_KEPT_BLOCKS),
    copyBytes: atLeast(file, fields, "copyBytes", 0),
    verifyThreads: threadCount(file, fields.verifyThreads),
  };
}

function readRpc(file: string, folder: string, value: unknown): RpcConfig | undefined {
  if (value === undefined) return undefined;
  const refuse = (detail: string) => new Fault("CONFIG_INVALID", `${file}: "rpc" ${detail}`);
  if (typeof value !== "object" || value === null) throw refuse("must be an object");
  const fields = value as Readonly<Record<string, unknown>>;
  const { host = "127.0.0.1", port = 8_545, users = "rpc-users.json" } = fields;
  const { allowedOrigins = [], requestsPerSecond = 100, tls } = fields;
  if (typeof host !== "string" || typeof users !== "string")
    throw refuse("has a wrong host or users");
  if (!isWhole(port, 0, 65_535)) throw refuse("has a wrong port");
  if (!isWhole(requestsPerSecond, 1, 100_000)) throw refuse("has a wrong requestsPerSecond");
  if (!isTexts(allowedOrigins)) throw refuse("allowedOrigins must be a list of texts");
  const pem = tls === undefined ? undefined : readTls(file, folder, tls);
  if (pem === undefined && !/^(?:127\.|localhost$|::1$)/.test(host)) {
    throw refuse(`on ${host} needs "tls": passwords must not cross a network in the clear`);
  }
  return { host, port, users: resolve(folder, users), tls: pem, allowedOrigins, requestsPerSecond };
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
}

function readTls(file: string, folder: string, value: unknown): ClientTlsFiles | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) {
    throw new Fault("CONFIG_INVALID", `${file}: "tls" must hold "ca", "cert" and "key"`);
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const path = (name: string) => resolve(folder, text(file, fields, name));
  return { ca: path("ca"), cert: path("cert"), key: path("key") };
}

function syncMode(file: string, value: unknown = "full"): NodeConfig["sync"] {
  if (value === "full" || value === "snapshot") return value;
  throw new Fault("CONFIG_INVALID", `${file}: "sync" must be "full" or "snapshot"`);
}

function threadCount(file: string, value: unknown): number | undefined {
  if (value === undefined || isWhole(value, 0, MAX_VERIFY_THREADS)) return value;
  throw new Fault("CONFIG_INVALID", `${file}: "verifyThreads" must be 0 to ${MAX_VERIFY_THREADS}`);
}

function atLeast(
  file: string,
  fields: Readonly<Record<string, unknown>>,
  name: string,
  least: number,
): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw new Fault(
    "CONFIG_INVALID",
    `${file}: "${name}" must be a whole number of at least ${least}`,
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function text(file: string, fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw new Fault("CONFIG_INVALID", `${file}: "${name}" must be a text`);
}
