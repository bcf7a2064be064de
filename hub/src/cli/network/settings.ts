import { existsSync } from "node:fs";
import { sourceIn } from "@gridledger/protocol/crypto/suite-loader";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { Fault } from "@gridledger/protocol/faults";
import { z } from "zod";
import { isLoopback } from "../../rest/security.ts";
import { readJson, replaceFile } from "../files.ts";
import type { Home } from "./home.ts";

const settingsShape = z.object({
  host: z.string().min(1).max(253),
  httpPort: z.number().int().min(1).max(65_535),
  mqttPort: z.number().int().min(1).max(65_535),
  validators: z.number().int().min(1).max(64),
  suite: z.string().min(1).max(32),
  engine: z.enum(["poa", "pow", "committee"]).default("poa"),
  seats: z.number().int().min(1).max(64).default(7),
  tls: z.boolean().default(false),
  mqttsPort: z.number().int().min(1).max(65_535).default(8_883),
  /** npm names or absolute paths. */
  suitePackages: z.array(z.string().min(1).max(4_096)).max(64).default([]),
});

/** What `start` can be told. */
export type NetworkSettings = z.infer<typeof settingsShape>;
type GivenSettings = { readonly [Key in keyof NetworkSettings]?: NetworkSettings[Key] | undefined };

const defaults: NetworkSettings = {
  host: "127.0.0.1",
  httpPort: 8080,
  mqttPort: 1883,
  validators: 4,
  suite: "international",
  engine: "poa",
  seats: 7,
  tls: false,
  mqttsPort: 8883,
  suitePackages: [],
};

/** Settled by the genesis: another value needs another home. */
const settled = ["validators", "suite", "engine", "seats"] as const;

const environmentNames: Readonly<Record<keyof NetworkSettings, string>> = {
  host: "GRIDLEDGER_HOST",
  httpPort: "GRIDLEDGER_HTTP_PORT",
  mqttPort: "GRIDLEDGER_MQTT_PORT",
  validators: "GRIDLEDGER_VALIDATORS",
  suite: "GRIDLEDGER_SUITE",
  engine: "GRIDLEDGER_ENGINE",
  seats: "GRIDLEDGER_SEATS",
  tls: "GRIDLEDGER_TLS",
  mqttsPort: "GRIDLEDGER_MQTTS_PORT",
  suitePackages: "GRIDLEDGER_SUITE_PACKAGES",
};

/**
 * Flags beat the environment, that beats what the home has saved, that beats the defaults.
 *
 * @throws Fault CONFIG_INVALID, SUITE_UNKNOWN, HOME_SETTLED
 */
export function resolveSettings(home: Home, flags: GivenSettings): NetworkSettings {
  const given = { ...readEnvironment(), ...defined(flags) };
  const saved = readSavedSettings(home);
  if (given.suite !== undefined) suiteByName(given.suite);
  if (saved !== undefined) refuseSettled(home, saved, given);
  const settings = { ...defaults, ...saved, ...given };
  // Whoever opens the network to others and says nothing gets TLS.
  const isOpen = given.host !== undefined && !isLoopback(given.host);
  const tls = given.tls ?? (isOpen || settings.tls);
  return checkShape(optionOf, { ...settings, tls });
}

/** The home's settings; undefined before its first start. */
export function readSavedSettings(home: Home): NetworkSettings | undefined {
  if (!existsSync(home.settings)) return undefined;
  return checkShape((name) => `${home.settings}: ${name}`, readJson(home.settings));
}

export function saveSettings(home: Home, settings: NetworkSettings): void {
  replaceFile(home.settings, `${JSON.stringify(settings, null, 2)}\n`);
}

/** The setting as it is given: "--http-port (or GRIDLEDGER_HTTP_PORT)". */
function optionOf(name: string): string {
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${flag} (or ${environmentNames[name as keyof NetworkSettings]})`;
}

function refuseSettled(home: Home, saved: NetworkSettings, given: GivenSettings): void {
  for (const name of settled) {
    const wanted = given[name];
    if (wanted === undefined || wanted === saved[name]) continue;
    throw new Fault(
      "HOME_SETTLED",
      `${home.root} was made with ${name} ${saved[name]}, not ${wanted}: its genesis fixes that. ` +
        `Start without --${name} and ${environmentNames[name]}, or make another network with another --home.`,
    );
  }
}

function readEnvironment(): GivenSettings {
  const found: Record<string, string | number | boolean | readonly string[]> = {};
  for (const [key, name] of Object.entries(environmentNames)) {
    const text = process.env[name];
    if (text === undefined || text === "") continue;
    const kind = typeof defaults[key as keyof NetworkSettings];
    if (key === "suitePackages") found[key] = suitePackagesIn(text);
    else if (kind === "boolean") found[key] = parseFlag(name, text);
    else found[key] = kind === "string" ? text : parseInteger(name, text);
  }
  return found;
}

/** A list with commas between; paths are from the working directory. */
export function suitePackagesIn(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  return names.filter(Boolean).map((name) => sourceIn(process.cwd(), name));
}

/** @throws Fault CONFIG_INVALID */
function parseInteger(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new Fault("CONFIG_INVALID", `${name}="${text}" is not a number`);
  return Number(text);
}

/** @throws Fault CONFIG_INVALID */
function parseFlag(name: string, text: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new Fault("CONFIG_INVALID", `${name}="${text}" is neither true nor false`);
}

function defined(flags: GivenSettings): GivenSettings {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

function checkShape(describe: (name: string) => string, value: unknown): NetworkSettings {
  const checked = settingsShape.safeParse(value);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const name = issue?.path.join(".") ?? "";
  throw new Fault("CONFIG_INVALID", `${describe(name)}: ${issue?.message}`);
}
