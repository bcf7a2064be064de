import { join } from "node:path";
import { Fault } from "../faults.ts";

/**
 * Where a process finds the secret of its key pages, in a configuration: a file that only its owner
 * reads, a variable of the environment, or a credential of systemd (`LoadCredential=`). Never the secret
 * itself, and never an argument: others on the machine can read those.
 */
export type UnlockSource =
  | { readonly file: string }
  | { readonly env: string }
  | { readonly credential: string };

/** What reading a key takes from the process around it. */
export interface KeyPlaces {
  /** @throws Fault FILE_UNREADABLE, KEY_INVALID where others may read the file */
  readonly readPrivate: (path: string) => Uint8Array;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** `unlock` of a configuration, its path made absolute. @throws Fault CONFIG_INVALID */
export function unlockSourceOf(
  value: unknown,
  resolve: (path: string) => string,
): UnlockSource | undefined {
  if (value === undefined) return undefined;
  const refuse = () =>
    new Fault("CONFIG_INVALID", `"unlock" must be {"file"}, {"env"} or {"credential"}`);
  // No schema library: a gateway reads this, and its memory is small.
  if (typeof value !== "object" || value === null) throw refuse();
  const [[kind, at] = [], ...more] = Object.entries(value);
  if (typeof at !== "string" || at === "" || more.length > 0) throw refuse();
  if (kind === "file") return { file: resolve(at) };
  if (!/^[\w.-]{1,128}$/.test(at)) throw refuse();
  if (kind === "env") return { env: at };
  if (kind === "credential") return { credential: at };
  throw refuse();
}

/** The secret, without the line's end. @throws Fault KEY_LOCKED, KEY_INVALID, FILE_UNREADABLE */
export function readUnlock(source: UnlockSource, places: KeyPlaces): Uint8Array {
  const secret = trimEnd(read(source, places));
  if (secret.length === 0) throw new Fault("KEY_LOCKED", `${describe(source)} is empty`);
  return secret;
}

function read(source: UnlockSource, { readPrivate, environment }: KeyPlaces): Uint8Array {
  if ("file" in source) return readPrivate(source.file);
  if ("credential" in source) {
    const folder = environment.CREDENTIALS_DIRECTORY;
    if (folder === undefined) throw new Fault("KEY_LOCKED", "systemd has given no credentials");
    return readPrivate(join(folder, source.credential));
  }
  const value = environment[source.env];
  if (value === undefined) throw new Fault("KEY_LOCKED", `${describe(source)} is not set`);
  return Buffer.from(value);
}

function describe(source: UnlockSource): string {
  return Object.entries(source)
    .map(([kind, at]) => `the unlock ${kind} ${at}`)
    .join();
}

function trimEnd(bytes: Uint8Array): Uint8Array {
  let { length } = bytes;
  while (length > 0 && (bytes[length - 1] === 0x0a || bytes[length - 1] === 0x0d)) length--;
  return bytes.subarray(0, length);
}
