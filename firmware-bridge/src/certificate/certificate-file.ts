import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import { type Certificate, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { formatPem, parsePem } from "@gridledger/protocol/pki/pem";

const READABLE = 0o644;

/** A device's certificate with its chain: the device's own first, the root last. */
export class CertificateFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws Fault CONFIG_INVALID, PKI_* */
  read(): readonly Certificate[] {
    const chain = parsePem("CERTIFICATE", this.#text()).map(parseCertificate);
    if (chain.length < 2) {
      throw new Fault("CONFIG_INVALID", `${this.#path}: the issuing authority and the root follow`);
    }
    return chain;
  }

  /** The old file or the new one, never half of it. */
  write(chain: readonly Certificate[]): void {
    const text = chain.map(({ encoded }) => formatPem("CERTIFICATE", encoded)).join("");
    const beside = `${this.#path}.new`;
    writeFileSync(beside, text, { mode: READABLE, flush: true });
    renameSync(beside, this.#path);
  }

  #text(): string {
    try {
      return readFileSync(this.#path, "latin1");
    } catch (cause) {
      throw new Fault("CONFIG_INVALID", `${this.#path} cannot be read`, { cause });
    }
  }
}
