import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { keyHolder, keyUsesAt, readPrivate } from "@gridledger/edge-node/key-files";
import { type KeyRingFiles, keyRingFiles } from "@gridledger/edge-node/key-ring-files";
import { loadSuites } from "@gridledger/protocol/crypto/suite-loader";
import { Fault } from "@gridledger/protocol/faults";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import { KEY_USES_FILE } from "@gridledger/protocol/keys/key-uses";
import { readUnlock, type UnlockSource, unlockSourceOf } from "@gridledger/protocol/keys/unlock";
import { type Chain, decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { z } from "zod";
import type { CaConfig } from "./ca/start-ca.ts";
import { openMappingPage } from "./mapping/mapping-page.ts";
import type { MappingConfig } from "./mapping/start-mappings.ts";
import { type CopiesConfig, defaultCopies } from "./objects/copies/start-copies.ts";
import { isLoopback } from "./rest/security.ts";
import type { ServerTlsFiles } from "./tls/tls-files.ts";

const port = z.number().int().min(0).max(65_535);
const path = z.string().min(1);
const bytes = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const storeName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/);

/** `hub.json`. Paths are relative to it. */
const shape = z.strictObject({
  /** The channel's genesis file. */
  genesis: path,
  /** Packages that bring a crypto suite: npm names, or paths. */
  suites: z.array(path).max(64).default([]),
  /** The hub's own identity: a key page, or PKCS#8 PEM. */
  key: path,
  /** The operator authority's key; without it the hub enrols nobody. */
  operatorKey: path.optional(),
  /** Where the secret of these pages is. */
  unlock: z.unknown().optional(),
  /** Where hub.sqlite lies. */
  home: path,
  host: z.string().min(1).default("127.0.0.1"),
  /** 0 lets the system choose; a taken one is left for the next that is free. */
  httpPort: port.default(8_080),
  mqttPort: port.default(1_883),
  /** With it REST speaks HTTPS, members reach the broker by TLS, and plain MQTT is for loopback only. */
  tls: z.strictObject({ certificate: path, key: path, authorities: path }).optional(),
  /** The broker's TLS port. */
  mqttsPort: port.default(8_883),
  /** Built files of the console. */
  dashboardDir: path.optional(),
  /** Whether anybody may read ledger data; by default only while the host is loopback. */
  anonymousReads: z.boolean().optional(),
  /** The certificate authority; without it the hub issues no certificates. */
  ca: z
    .strictObject({
      /** Certificates and sealed keys, as `gridledger ca init` makes them. */
      folder: path,
      /** The secret that opens the keys, mode 0600. */
      unlock: path,
      certificateDays: z.number().int().min(1).max(3_650).default(365),
      /** Where others reach this hub; certificates then say where the CRL is. */
      publicUrl: z.url().optional(),
    })
    .optional(),
  /** How long a key is good: older ones stand in the list of overdue keys (guide §4.1.2 b). */
  keyDays: z.number().int().min(1).max(3_650).default(365),
  /** Whether the hub rotates its own keys before they are older than that. */
  rotateKeys: z.boolean().default(true),
  /** Tables of other databases; without it the hub maps none. */
  mapping: z
    .strictObject({
      /** The databases that may be read, mode 0600; see docs/mapping.md. */
      databases: path,
    })
    .optional(),
  /** Copies of objects on nodes and in further stores; see docs/data.md. */
  copies: z
    .strictObject({
      stores: z
        .array(
          z.union([
            z.strictObject({ name: storeName, capacityBytes: bytes, file: path }),
            z.strictObject({ name: storeName, capacityBytes: bytes, postgres: path }),
          ]),
        )
        .max(8)
        .default([]),
      lostAfterSeconds: z.number().int().min(10).max(31_536_000).default(600),
      bytesPerSecond: bytes.default(defaultCopies.bytesPerSecond),
      auditsPerMinute: z.number().int().min(0).max(12_000).default(48),
    })
    .optional(),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

export interface HubConfig {
  readonly chain: Chain;
  readonly keys: KeyRing;
  readonly operatorKeys: KeyRing | undefined;
  /** Of the keys that this hub rotates by itself. */
  readonly turning: readonly KeyRingFiles[];
  readonly home: string;
  readonly host: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly mqttsPort: number;
  readonly tls: ServerTlsFiles | undefined;
  readonly dashboardDir: string | undefined;
  readonly anonymousReads: boolean;
  readonly ca: CaConfig | undefined;
  readonly keyDays: number;
  readonly mapping: MappingConfig | undefined;
  readonly copies: CopiesConfig;
  readonly logLevel: string;
}

/** @throws Fault CONFIG_INVALID, SUITE_REFUSED, SUITE_SELF_TEST, GENESIS_INVALID, KEY_INVALID */
export async function loadConfig(file: string): Promise<HubConfig> {
  const parsed = shape.safeParse(parseJson(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Fault("CONFIG_INVALID", `${file}: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { data } = parsed;
  const at = (given: string) => resolve(dirname(file), given);
  await loadSuites(data.suites, dirname(resolve(file)));
  const chain = decodeGenesis(read(at(data.genesis)));
  const unlock = unlockSourceOf(data.unlock, at);
  const uses = keyUsesAt(join(at(data.home), KEY_USES_FILE));
  const hold = (given: string, module: string): KeyRingFiles =>
    keyRingFiles(chain.suite, keyHolder({ module, uses }), { path: at(given), unlock });
  const own = hold(data.key, "hub");
  const operator = data.operatorKey === undefined ? [] : [hold(data.operatorKey, "operator")];
  return {
    chain,
    keys: own.ring,
    operatorKeys: operator[0]?.ring,
    turning: data.rotateKeys ? [own, ...operator] : [],
    home: at(data.home),
    host: data.host,
    httpPort: data.httpPort,
    mqttPort: data.mqttPort,
    mqttsPort: data.mqttsPort,
    tls: data.tls && {
      certificate: at(data.tls.certificate),
      key: at(data.tls.key),
      authorities: at(data.tls.authorities),
    },
    dashboardDir: data.dashboardDir && at(data.dashboardDir),
    anonymousReads: data.anonymousReads ?? isLoopback(data.host),
    ca: data.ca && {
      folder: at(data.ca.folder),
      unlockFile: at(data.ca.unlock),
      certificateDays: data.ca.certificateDays,
      publicUrl: data.ca.publicUrl?.replace(/\/+$/, ""),
    },
    keyDays: data.keyDays,
    mapping: data.mapping && {
      databases: at(data.mapping.databases),
      master: openMaster(at(data.home), unlock),
      environment: process.env,
    },
    copies: copiesOf(data.copies, at),
    logLevel: data.logLevel,
  };
}

function copiesOf(
  given: z.output<typeof shape>["copies"],
  at: (path: string) => string,
): CopiesConfig {
  if (given === undefined) return defaultCopies;
  const { stores, lostAfterSeconds, bytesPerSecond, auditsPerMinute } = given;
  return {
    stores: stores.map(({ name, capacityBytes, ...place }) => {
      const lies = "file" in place ? { file: at(place.file) } : { postgres: at(place.postgres) };
      return { name, capacityBytes, ...lies };
    }),
    lostAfterMs: lostAfterSeconds * 1_000,
    bytesPerSecond,
    auditsPerTick: Math.ceil(auditsPerMinute / 12),
  };
}

/** @throws Fault CONFIG_INVALID without a secret that seals the page, KEY_*, PASSPHRASE_WRONG */
function openMaster(home: string, unlock: UnlockSource | undefined): Uint8Array {
  if (unlock === undefined) throw new Fault("CONFIG_INVALID", '"mapping" needs "unlock"');
  const secret = readUnlock(unlock, { readPrivate, environment: process.env });
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return openMappingPage(join(home, "mapping.page"), secret, Date.now());
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(read(file).toString("utf8"));
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("CONFIG_INVALID", `${file} is not JSON`, { cause });
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${file} cannot be read`, { cause });
  }
}
