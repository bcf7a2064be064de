import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { createSealedKey, openSealedKey, type Unlock } from "@gridledger/protocol/keys/sealed-key";
import { type Certificate, parseCertificate } from "@gridledger/protocol/pki/certificate";
import type { TransportPurpose } from "@gridledger/protocol/pki/certificate-profile";
import { type Crl, parseCrl, type Revocation } from "@gridledger/protocol/pki/crl";
import {
  type CertificateIssuer,
  issueCertificate,
  issueRoot,
} from "@gridledger/protocol/pki/issue-certificate";
import { issueCrl } from "@gridledger/protocol/pki/issue-crl";
import { formatPem, type PemLabel, parsePem } from "@gridledger/protocol/pki/pem";

const DAY_MS = 86_400_000;
const ROOT_DAYS = 20 * 365;
const ISSUING_DAYS = 10 * 365;
/** The root is seldom at hand: its CRL holds for long, and is made anew when an authority falls. */
const ROOT_CRL_DAYS = 400;
const CLOCK_SLACK_MS = 300_000;
const UNLOCK_BYTES = 32;
const ISSUING = /^issuing-\d+$/;

interface FolderOptions {
  readonly suite: Suite;
  readonly folder: string;
  /** File with the random secret that the hub opens its keys with. */
  readonly unlockFile: string;
}

/** Where the root's key lies when it is not in the folder: a medium that is carried away. */
export interface OfflineRoot {
  readonly folder: string;
  readonly passphrase: Uint8Array;
}

/** An authority that is for some purposes only, by its name and in its certificate. */
export interface AuthorityLimit {
  readonly commonName: string;
  readonly purposes: readonly TransportPurpose[];
}

/**
 * An authority's files: `root.crt`, `root.crl`, `issuing-N.crt` as PEM, and beside them the key pages
 * `root.page` (not where the root is kept offline) and `issuing-N.page`, each sealed.
 */
export class AuthorityFolder {
  readonly #options: FolderOptions;

  constructor(options: FolderOptions) {
    this.#options = options;
  }

  get exists(): boolean {
    return existsSync(this.#path("root.crt"));
  }

  /** Where the root's key lies unless it is kept offline. */
  get rootKeyFile(): string {
    return this.#path("root.page");
  }

  /** @throws Fault PKI_*, KEY_INVALID */
  root(): Certificate {
    return parseCertificate(this.#readPem("CERTIFICATE", "root.crt"));
  }

  rootCrl(): Crl {
    return parseCrl(this.#readPem("X509 CRL", "root.crl"));
  }

  /** The issuing authorities, the oldest first. @throws Fault PASSPHRASE_WRONG, KEY_INVALID, PKI_* */
  issuing(): CertificateIssuer[] {
    const { suite, folder } = this.#options;
    const names = readdirSync(folder)
      .filter((name) => ISSUING.test(name.replace(/\.crt$/, "")) && name.endsWith(".crt"))
      .map((name) => name.slice(0, -4))
      .sort((a, b) => numberOf(a) - numberOf(b));
    return names.map((name) => ({
      suite,
      certificate: parseCertificate(this.#readPem("CERTIFICATE", `${name}.crt`)),
      signer: openSealedKey(this.#unlock(), readPrivate(this.#path(`${name}.page`))),
    }));
  }

  /** A new root for a consortium. @throws Fault CONFIG_INVALID where there is one, CERTIFICATE_FIELDS */
  createRoot(
    consortium: string,
    nowMs: number,
    offline?: OfflineRoot,
    purposes?: readonly TransportPurpose[],
  ): void {
    if (this.exists) throw new Fault("CONFIG_INVALID", "there is a root already");
    const { suite, folder } = this.#options;
    const keyFolder = offline?.folder ?? folder;
    for (const one of [folder, keyFolder]) mkdirSync(one, { recursive: true, mode: 0o700 });
    const unlock = offline ? passphraseOf(offline) : this.#unlock();
    const period = periodOf(nowMs, ROOT_DAYS);
    const { page, signer } = createSealedKey(suite, unlock, {
      ...{ module: "ca-root", owner: consortium },
      ...{ validFromMs: period.notBeforeMs, validUntilMs: period.notAfterMs },
    });
    const certificate = issueRoot(suite, signer, {
      ...{ ...period, serialRandom: randomBytes(16), publicKey: signer.publicKey },
      subject: { organisation: consortium, commonName: `${consortium} Root CA` },
      profile: { kind: "authority", maxPathLength: 1, ...(purposes && { purposes }) },
    });
    writeNew(join(keyFolder, "root.page"), page);
    this.#writeRootCrl({ suite, signer, certificate }, new Map(), 1n, nowMs);
    this.#writePem("CERTIFICATE", "root.crt", certificate.encoded);
  }

  /** An organisation's issuing authority below the root. @throws Fault PASSPHRASE_WRONG, CERTIFICATE_FIELDS */
  createIssuing(
    organisation: string,
    nowMs: number,
    offline?: OfflineRoot,
    limit?: AuthorityLimit,
  ): CertificateIssuer {
    const { suite, folder } = this.#options;
    const root = this.#rootIssuer(offline);
    const period = periodOf(nowMs, ISSUING_DAYS, root.certificate);
    const { page, signer } = createSealedKey(suite, this.#unlock(), {
      ...{ module: "ca-issuing", owner: organisation },
      ...{ validFromMs: period.notBeforeMs, validUntilMs: period.notAfterMs },
    });
    const certificate = issueCertificate(root, {
      ...{ ...period, serialRandom: randomBytes(16), publicKey: signer.publicKey },
      subject: { organisation, commonName: limit?.commonName ?? `${organisation} CA` },
      profile: {
        ...{ kind: "authority", maxPathLength: 0 },
        ...(limit && { purposes: limit.purposes }),
      },
    });
    const taken = readdirSync(folder).map(numberOf);
    const name = `issuing-${Math.max(0, ...taken) + 1}`;
    writeNew(this.#path(`${name}.page`), page);
    this.#writePem("CERTIFICATE", `${name}.crt`, certificate.encoded);
    return { suite, signer, certificate };
  }

  /** The root's word that an issuing authority is void, or that its list still holds. */
  renewRootCrl(nowMs: number, revoked: Crl["revoked"] = new Map(), offline?: OfflineRoot): Crl {
    const last = this.rootCrl();
    const all = new Map([...last.revoked, ...revoked]);
    return this.#writeRootCrl(this.#rootIssuer(offline), all, last.number + 1n, nowMs);
  }

  #rootIssuer(offline: OfflineRoot | undefined): CertificateIssuer {
    const file = join(offline?.folder ?? this.#options.folder, "root.page");
    if (!existsSync(file)) {
      throw new Fault("FILE_UNREADABLE", `${file}: the root's key is kept elsewhere; bring it`);
    }
    const unlock = offline ? passphraseOf(offline) : this.#unlock();
    const signer = openSealedKey(unlock, readPrivate(file));
    return { suite: this.#options.suite, signer, certificate: this.root() };
  }

  #writeRootCrl(
    issuer: CertificateIssuer,
    revoked: ReadonlyMap<string, Revocation>,
    number: bigint,
    nowMs: number,
  ): Crl {
    const thisUpdateMs = Math.floor(nowMs / 1_000) * 1_000;
    const nextUpdateMs = thisUpdateMs + ROOT_CRL_DAYS * DAY_MS;
    const crl = issueCrl(issuer, { number, thisUpdateMs, nextUpdateMs, revoked });
    this.#writePem("X509 CRL", "root.crl", crl.encoded);
    return crl;
  }

  /** Made with the first key. */
  #unlock(): Unlock {
    const { unlockFile } = this.#options;
    if (!existsSync(unlockFile)) {
      mkdirSync(dirname(unlockFile), { recursive: true, mode: 0o700 });
      writeNew(unlockFile, randomBytes(UNLOCK_BYTES));
    }
    const secret = readPrivate(unlockFile);
    if (secret.length !== UNLOCK_BYTES) {
      throw new Fault("KEY_INVALID", `${unlockFile} does not hold ${UNLOCK_BYTES} bytes`);
    }
    return { secret, isRandom: true };
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }

  #readPem(label: PemLabel, name: string): Uint8Array {
    return parsePem(label, readFile(this.#path(name)).toString("latin1"))[0]!;
  }

  #writePem(label: PemLabel, name: string, encoded: Uint8Array): void {
    writeFileSync(this.#path(name), formatPem(label, encoded), { mode: 0o644, flush: true });
  }
}

function numberOf(name: string): number {
  return Number(/^issuing-(\d+)/.exec(name)?.[1] ?? 0);
}

function passphraseOf({ passphrase }: OfflineRoot): Unlock {
  return { secret: passphrase, isRandom: false };
}

/** Somewhat earlier than now, for clocks that are behind; never outside the issuer's own period. */
function periodOf(nowMs: number, days: number, issuer?: Certificate) {
  const notBeforeMs = Math.max(nowMs - CLOCK_SLACK_MS, issuer?.notBeforeMs ?? 0);
  const notAfterMs = Math.min(nowMs + days * DAY_MS, issuer?.notAfterMs ?? Infinity);
  return { notBeforeMs, notAfterMs };
}

/** @throws Fault FILE_UNREADABLE where it exists: a key is never overwritten */
function writeNew(file: string, content: Uint8Array): void {
  try {
    writeFileSync(file, content, { mode: 0o600, flag: "wx", flush: true });
  } catch (cause) {
    throw new Fault("FILE_UNREADABLE", `${file} exists already or cannot be written`, { cause });
  }
}

function readPrivate(file: string): Buffer {
  const content = readFile(file);
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) {
    throw new Fault("KEY_INVALID", `${file} can be read by others: chmod 600 it`);
  }
  return content;
}

function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Fault("FILE_UNREADABLE", `${file} cannot be read`, { cause });
  }
}
