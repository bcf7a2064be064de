import { statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { Fault } from "@gridledger/protocol/faults";
import { readBytes } from "../files.ts";

interface CertificateOptions {
  readonly cert?: string;
  readonly certKey?: string;
}

/** What a command shows to an https hub, PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * `--cert` and `--cert-key`, else GRIDLEDGER_CERT and GRIDLEDGER_KEY_FILE; undefined where none is named.
 *
 * @throws Fault USAGE_INVALID, FILE_UNREADABLE, KEY_INVALID, also where others may read the key
 */
export function readClientCertificate(
  options: CertificateOptions,
  url: string,
): ClientCertificate | undefined {
  const certFile = options.cert ?? process.env.GRIDLEDGER_CERT;
  const keyFile = options.certKey ?? process.env.GRIDLEDGER_KEY_FILE;
  if (!certFile && !keyFile) return undefined;
  if (!certFile || !keyFile) {
    throw new Fault("USAGE_INVALID", "give both: --cert <file> and --cert-key <file>");
  }
  if (!url.startsWith("https:")) {
    throw new Fault("USAGE_INVALID", `a certificate is shown over https only, not to ${url}`);
  }
  const [cert, key] = [readBytes(certFile), readBytes(keyFile)].map(String) as [string, string];
  // Windows has no such bits; there the directory's rights count.
  if (process.platform !== "win32" && (statSync(keyFile).mode & 0o077) !== 0) {
    throw new Fault("KEY_INVALID", `${keyFile} can be read by others: chmod 600 it`);
  }
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new Fault("KEY_INVALID", `${keyFile} is no key of the certificate ${certFile}`, {
      cause,
    });
  }
  return { cert, key };
}
