import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { type UnlockSource, unlockSourceOf } from "@gridledger/protocol/keys/unlock";
import { ConfigReader } from "./config-reader.ts";
import type { ClientTlsFiles } from "./transport/client-tls.ts";

export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/**
 * Reads a process's configuration with `read`, which asks for every option that there is; any other is refused.
 * @throws Fault CONFIG_INVALID that names the file and the option, or what `read` throws
 */
export async function readConfigFile<Config>(
  file: string,
  read: (root: ConfigReader) => Config,
): Promise<Config> {
  const value = await readJson(file);
  try {
    const root = new ConfigReader(value, "", dirname(resolve(file)));
    const config = read(root);
    root.end();
    return config;
  } catch (thrown) {
    const fault = asFault(thrown);
    if (fault.code !== "CONFIG_INVALID") throw fault;
    throw new Fault("CONFIG_INVALID", `${file}: ${fault.message}`, { cause: fault });
  }
}

/** For `mqtts:` brokers; undefined where the option is absent. */
export function readTlsFiles(root: ConfigReader): ClientTlsFiles | undefined {
  if (!root.has("tls")) return undefined;
  const tls = root.object("tls");
  const files = { ca: tls.path("ca"), cert: tls.path("cert"), key: tls.path("key") };
  tls.end();
  return files;
}

/** Where the secret of the key's page is; undefined where the option is absent. */
export function readUnlockSource(root: ConfigReader): UnlockSource | undefined {
  if (!root.has("unlock")) return undefined;
  const unlock = root.object("unlock");
  const given = {
    ...(unlock.has("file") && { file: unlock.path("file") }),
    ...(unlock.has("env") && { env: unlock.text("env") }),
    ...(unlock.has("credential") && { credential: unlock.text("credential") }),
  };
  unlock.end();
  return unlockSourceOf(given, resolve);
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${file} cannot be read`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${file} is not JSON`, { cause });
  }
}
