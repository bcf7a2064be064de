import { existsSync } from "node:fs";
import { relative } from "node:path";
import { makeDirectory, replaceFile } from "../files.ts";
import { capturesDirectory, dashboardDirectory } from "../process-script.ts";
import { demonstrationMeters } from "./demonstration.ts";
import type { Home } from "./home.ts";
import { certifies } from "./provision-authority.ts";
import { type TransportFiles, transportFiles } from "./provision-tls.ts";
import type { NetworkSettings } from "./settings.ts";

/** What a node of this launcher keeps of other people's objects. */
const COPY_BYTES = 1_073_741_824;

interface Places {
  readonly brokerUrl: string;
  /** A free port for the simulated serial server. */
  readonly busPort: number;
}

/** Writes the hub's config. Configs are derived: each start writes them anew from the settings. */
export function writeHubConfig(home: Home, settings: NetworkSettings): void {
  writeConfig(home, "hub", {
    ...common(home, "hub", settings),
    operatorKey: fromConfig(home, "hub", home.key("operator")),
    host: settings.host,
    httpPort: settings.httpPort,
    mqttPort: settings.mqttPort,
    ...(settings.tls && { mqttsPort: settings.mqttsPort, tls: tlsFiles(home, "hub") }),
    dashboardDir: dashboardDirectory(),
    ...(existsSync(home.unlock) && {
      mapping: { databases: fromConfig(home, "hub", home.databases) },
    }),
    ...(certifies(settings.suite) && {
      ca: {
        folder: fromConfig(home, "hub", home.ca),
        unlock: fromConfig(home, "hub", home.caUnlock),
      },
    }),
  });
}

export function writeValidatorConfig(
  home: Home,
  name: string,
  settings: NetworkSettings,
  { brokerUrl }: Pick<Places, "brokerUrl">,
): void {
  const brokers = brokersOf(home, name, brokerUrl);
  const copyBytes = COPY_BYTES;
  writeConfig(home, name, { ...common(home, name, settings), name, ...brokers, copyBytes });
}

export function writeBridgeConfig(
  home: Home,
  settings: NetworkSettings,
  { brokerUrl, busPort }: Places,
): void {
  writeConfig(home, "bridge", {
    ...common(home, "bridge", settings),
    ...brokersOf(home, "bridge", brokerUrl),
    ...demonstrationMeters(capturesDirectory(), busPort),
  });
}

function common(home: Home, name: string, { suitePackages }: NetworkSettings) {
  return {
    genesis: fromConfig(home, name, home.genesis),
    key: fromConfig(home, name, home.key(name)),
    ...(existsSync(home.unlock) && { unlock: { file: fromConfig(home, name, home.unlock) } }),
    home: ".",
    logLevel: "info",
    ...(suitePackages.length > 0 && { suites: suitePackages }),
  };
}

function brokersOf(home: Home, name: string, brokerUrl: string) {
  if (!brokerUrl.startsWith("mqtts:")) return { brokers: [brokerUrl] };
  const { authorities: ca, certificate: cert, key } = tlsFiles(home, name);
  return { brokers: [brokerUrl], tls: { ca, cert, key } };
}

function tlsFiles(home: Home, name: string): TransportFiles {
  const { certificate, key, authorities } = transportFiles(home, name);
  const path = (file: string) => fromConfig(home, name, file);
  return { certificate: path(certificate), key: path(key), authorities: path(authorities) };
}

/** Paths in a config are relative to it, so that a home can be moved. */
function fromConfig(home: Home, name: string, path: string): string {
  return relative(home.directory(name), path);
}

function writeConfig(home: Home, name: string, config: object): void {
  makeDirectory(home.directory(name));
  replaceFile(home.config(name), `${JSON.stringify(config, null, 2)}\n`);
}
