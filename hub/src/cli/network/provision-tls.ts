import { randomBytes, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { formatHex } from "@gridledger/protocol/hex";
import type { Identity } from "@gridledger/protocol/ledger/enrolment";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { AltNames } from "@gridledger/protocol/pki/alt-names";
import { IDENTITY_ATTRIBUTE } from "@gridledger/protocol/pki/certified-identity";
import {
  type CertificateFields,
  type CertificateIssuer,
  issueCertificate,
} from "@gridledger/protocol/pki/issue-certificate";
import { namePart } from "@gridledger/protocol/pki/names";
import { formatPem } from "@gridledger/protocol/pki/pem";
import { isCertificateRole } from "@gridledger/protocol/pki/role-table";
import { AuthorityFolder, type AuthorityLimit } from "../../ca/authority-folder.ts";
import { makeDirectory, readBytes, replaceFile } from "../files.ts";
import { createKeyFile, readClearKeyFile } from "../key-file.ts";
import type { Home } from "./home.ts";

const ORGANISATION = "Gridledger transport";
const DAY_MS = 86_400_000;
const CERTIFICATE_MS = 365 * DAY_MS;
/** A start renews what ends sooner than this. */
const RENEW_MS = 30 * DAY_MS;
const CLOCK_SLACK_MS = 300_000;
/** Nothing below this root signs on the ledger, and who makes servers' certificates makes no members' (ADR 031). */
const limits = {
  servers: { commonName: `${ORGANISATION} CA for servers`, purposes: ["tlsServer"] },
  members: { commonName: `${ORGANISATION} CA for members`, purposes: ["tlsServer", "tlsClient"] },
} as const satisfies Readonly<Record<string, AuthorityLimit>>;
/** TLS has no SM2: every channel's connections use P-256, with keys of their own. */
const suite = suiteByName("international");

/** The PEM files of one process. */
export interface TransportFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authorities: string;
}

/** Where the transport certificates of a home lie. */
export function transportFiles(home: Home, name: string): TransportFiles {
  return {
    certificate: join(home.tls, `${name}.pem`),
    key: join(home.tls, `${name}.key`),
    authorities: join(home.tls, "authorities.pem"),
  };
}

/**
 * A transport root for the home with two authorities, and for each of its processes a certificate that names
 * its identity: the hub's for servers, the others' for clients. Certificates that end soon are renewed.
 */
export function provisionTls(home: Home, chain: Chain, host: string, nowMs: number): void {
  makeDirectory(home.tls);
  const folder = new AuthorityFolder({
    suite,
    folder: join(home.tls, "ca"),
    unlockFile: join(home.keys, "tls.unlock"),
  });
  if (!folder.exists) {
    folder.createRoot(ORGANISATION, nowMs, undefined, limits.members.purposes);
  }
  const servers = issuerOf(folder, limits.servers, nowMs);
  const members = issuerOf(folder, limits.members, nowMs);
  const { authorities } = transportFiles(home, "hub");
  const trusted = [folder.root(), ...folder.issuing().map(({ certificate }) => certificate)];
  const pem = trusted.map(({ encoded }) => formatPem("CERTIFICATE", encoded)).join("");
  replaceFile(authorities, pem, 0o644);
  for (const identity of chain.genesis.identities) {
    const isServer = identity.role === "hub";
    const altNames = isServer ? serverNames(host) : undefined;
    if (existsSync(home.key(identity.name))) {
      certify(home, isServer ? servers : members, { chain, identity, altNames, nowMs });
    }
  }
}

/** The one of that name, made where the home has none: one from before there were limits is not used on. */
function issuerOf(folder: AuthorityFolder, limit: AuthorityLimit, nowMs: number) {
  const found = folder
    .issuing()
    .find(({ certificate }) => namePart(certificate.subject, "CN") === limit.commonName);
  return found ?? folder.createIssuing(ORGANISATION, nowMs, undefined, limit);
}

interface Order {
  readonly chain: Chain;
  readonly identity: Identity;
  /** Of a server. */
  readonly altNames: AltNames | undefined;
  readonly nowMs: number;
}

function certify(home: Home, issuer: CertificateIssuer, order: Order): void {
  const { chain, identity, altNames, nowMs } = order;
  const files = transportFiles(home, identity.name);
  if (isGood(files.certificate, issuer, altNames, nowMs)) return;
  const signer = existsSync(files.key)
    ? readClearKeyFile(suite, files.key)
    : createKeyFile(suite, files.key);
  const id = formatHex(identityId(chain.suite.hash, identity.publicKey));
  const role = isCertificateRole(identity.role) ? identity.role : undefined;
  const fields: CertificateFields = {
    serialRandom: randomBytes(16),
    subject: {
      organisation: ORGANISATION,
      commonName: identity.name,
      ...(role && { role, attributes: new Map([[IDENTITY_ATTRIBUTE, id]]) }),
    },
    publicKey: signer.publicKey,
    notBeforeMs: Math.max(nowMs - CLOCK_SLACK_MS, issuer.certificate.notBeforeMs),
    notAfterMs: Math.min(nowMs + CERTIFICATE_MS, issuer.certificate.notAfterMs),
    profile: { kind: "tls", tlsClient: altNames === undefined },
    ...(altNames && { altNames }),
  };
  const chainOf = [issueCertificate(issuer, fields), issuer.certificate];
  const pem = chainOf.map(({ encoded }) => formatPem("CERTIFICATE", encoded)).join("");
  replaceFile(files.certificate, pem, 0o644);
}

/** Whether the certificate is there, of this issuer, lasts, and names the server as it is reached now. */
function isGood(
  file: string,
  issuer: CertificateIssuer,
  altNames: AltNames | undefined,
  nowMs: number,
): boolean {
  if (!existsSync(file)) return false;
  const certificate = new X509Certificate(readBytes(file));
  if (!certificate.checkIssued(new X509Certificate(issuer.certificate.encoded))) return false;
  if (Date.parse(certificate.validTo) < nowMs + RENEW_MS) return false;
  const { dns = [], ip = [] } = altNames ?? {};
  const hasNames = dns.every((name) => certificate.checkHost(name) !== undefined);
  return hasNames && ip.every((address) => certificate.checkIP(address) !== undefined);
}

/** How others reach a server that listens on `host`. */
function serverNames(host: string): AltNames {
  const machine = hostname().toLowerCase();
  const isAddress = /^[0-9.]+$/.test(host) || host.includes(":");
  const isAny = host === "0.0.0.0" || host === "::";
  const label = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/;
  const names = [...new Set(["localhost", machine, ...(isAddress ? [] : [host.toLowerCase()])])];
  return {
    dns: names.filter((name) => label.test(name)),
    ip: [...new Set(["127.0.0.1", "::1", ...(isAddress && !isAny ? [host] : [])])],
  };
}
