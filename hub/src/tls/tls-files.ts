import { readFileSync, statSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import type { ServerTls } from "./server-tls.ts";

const LOOK_EVERY_MS = 30_000;

/** Paths of the PEM files; see `ServerTls`. */
export interface ServerTlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authorities: string;
}

/** @throws Fault CONFIG_INVALID, KEY_INVALID */
export function readServerTls({ certificate, key, authorities }: ServerTlsFiles): ServerTls {
  const pem = { certificate: read(certificate), key: read(key), authorities: read(authorities) };
  // Windows has no such bits; there the directory's rights count.
  if (process.platform !== "win32" && (statSync(key).mode & 0o077) !== 0) {
    throw new Fault("KEY_INVALID", `${key} can be read by others: chmod 600 it`);
  }
  return pem;
}

interface TlsWatchDeps {
  readonly files: ServerTlsFiles;
  readonly onRenewed: (tls: ServerTls) => void;
  readonly onFault: (thrown: unknown) => void;
}

/** Looks from time to time whether certificate or authorities were changed, so that nobody restarts a hub. */
export class TlsWatch {
  readonly #deps: TlsWatchDeps;
  #timer: NodeJS.Timeout | undefined;
  #seen: string;

  constructor(deps: TlsWatchDeps) {
    this.#deps = deps;
    const { certificate, authorities } = deps.files;
    this.#seen = read(certificate) + read(authorities);
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Files that are just being written are looked at again the next time. */
  look(): void {
    const { files, onRenewed, onFault } = this.#deps;
    try {
      const tls = readServerTls(files);
      const found = tls.certificate + tls.authorities;
      if (found === this.#seen) return;
      onRenewed(tls);
      this.#seen = found;
    } catch (thrown) {
      onFault(thrown);
    }
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${file} cannot be read`, { cause });
  }
}
