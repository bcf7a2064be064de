import { readFileSync, statSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import type { ClientTls } from "./mqtt-link.ts";

/** Paths of the PEM files. */
export interface ClientTlsFiles {
  /** Authorities that servers' certificates lead to. */
  readonly ca: string;
  /** Our certificate and the authorities between it and the root. */
  readonly cert: string;
  /** Our PKCS#8 transport key; only its owner may read it. */
  readonly key: string;
}

/**
 * Reads the files anew, so that whoever asks at each connection follows a renewed certificate.
 *
 * @throws Fault CONFIG_INVALID, KEY_INVALID
 */
export function readClientTls({ ca, cert, key }: ClientTlsFiles): ClientTls {
  const pem = { ca: read(ca), cert: read(cert), key: read(key) };
  if (process.platform !== "win32" && (statSync(key).mode & 0o077) !== 0) {
    throw new Fault("KEY_INVALID", `${key} can be read by others: chmod 600 it`);
  }
  return pem;
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${file} cannot be read`, { cause });
  }
}
