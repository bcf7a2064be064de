import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../faults.ts";

const name = z.string().regex(/^[\w.-]{1,128}$/, "must be a name");

/** Where a process finds the secret of its key pages, in a configuration. */
export const unlockShape = z.union([
  /** A file that only its owner reads. */
  z.strictObject({ file: z.string().min(1) }),
  /** A variable of the environment. */
  z.strictObject({ env: name }),
  /** A credential of systemd, `LoadCredential=`. */
  z.strictObject({ credential: name }),
]);

/** Never the secret itself, and never an argument: others on the machine can read those. */
export type UnlockSource = z.infer<typeof unlockShape>;

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
  const checked = unlockShape.safeParse(value);
  if (!checked.success) {
    throw new Fault("CONFIG_INVALID", `"unlock" must be {"file"}, {"env"} or {"credential"}`);
  }
  return "file" in checked.data ? { file: resolve(checked.data.file) } : checked.data;
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
