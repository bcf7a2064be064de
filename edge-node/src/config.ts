import { dirname, resolve } from "node:path";
import { Fault } from "@gridledger/protocol/faults";
import type { UnlockSource } from "@gridledger/protocol/keys/unlock";
import { logLevels, readConfigFile, readTlsFiles, readUnlockSource } from "./config-file.ts";
import type { ConfigReader } from "./config-reader.ts";
import { MIN_KEPT_BLOCKS } from "./store/disk-keeper.ts";
import type { ClientTlsFiles } from "./transport/client-tls.ts";

/** The log of consensus and the database's own log take about this much. */
const MIN_DISK_BYTES = 33_554_432;
const MAX_VERIFY_THREADS = 16;
const LOOPBACK = /^(?:127\.|localhost$|::1$)/;
const PACKAGE_PATH = /^\.{1,2}\//;
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
export function loadConfig(file: string): Promise<NodeConfig> {
  const folder = dirname(resolve(file));
  return readConfigFile(file, (root) => readNode(root, folder));
}

function readNode(root: ConfigReader, folder: string): NodeConfig {
  const brokers = root.texts("brokers");
  if (brokers.length === 0) throw new Fault("CONFIG_INVALID", "brokers is empty");
  return {
    genesis: root.path("genesis"),
    key: root.path("key"),
    unlock: readUnlockSource(root),
    home: root.path("home"),
    brokers,
    tls: readTlsFiles(root),
    name: root.text("name"),
    logLevel: root.oneOf("logLevel", logLevels, "info"),
    engines: root
      .texts("engines", [])
      .map((name) => (PACKAGE_PATH.test(name) ? resolve(folder, name) : name)),
    suites: root.texts("suites", []),
    rpc: root.has("rpc") ? readRpc(root.object("rpc")) : undefined,
    sync: root.oneOf("sync", ["full", "snapshot"], "full"),
    maxDiskBytes: optional(root, "maxDiskBytes", [MIN_DISK_BYTES, Number.MAX_SAFE_INTEGER]),
    keepBlocks: optional(root, "keepBlocks", [MIN_KEPT_BLOCKS, Number.MAX_SAFE_INTEGER]),
    copyBytes: optional(root, "copyBytes", [0, Number.MAX_SAFE_INTEGER]),
    verifyThreads: optional(root, "verifyThreads", [0, MAX_VERIFY_THREADS]),
  };
}

function optional(root: ConfigReader, name: string, range: readonly [min: number, max: number]) {
  return root.has(name) ? root.integer(name, range) : undefined;
}

function readRpc(reader: ConfigReader): RpcConfig {
  const rpc = {
    host: reader.text("host", "127.0.0.1"),
    port: reader.integer("port", [0, 65_535], 8_545),
    users: reader.path("users", "rpc-users.json"),
    tls: readTlsFiles(reader),
    allowedOrigins: reader.texts("allowedOrigins", []),
    requestsPerSecond: reader.integer("requestsPerSecond", [1, 100_000], 100),
  };
  reader.end();
  if (rpc.tls === undefined && !LOOPBACK.test(rpc.host)) {
    const why = "passwords must not cross a network in the clear";
    throw new Fault("CONFIG_INVALID", `rpc.host ${rpc.host} needs rpc.tls: ${why}`);
  }
  return rpc;
}
