import type { Suite } from "../crypto/suite.ts";
import { asFault, Fault } from "../faults.ts";
import type { Certificate } from "./certificate.ts";
import { formatName, isSameName, namePart } from "./names.ts";
import { findPaths, type PathSearch } from "./path.ts";
import { checkRevocation, type RevocationPolicy, revocationKey } from "./revocation.ts";
import type { CertificateRole } from "./role-table.ts";
import { isSignedBy } from "./signed-object.ts";
import { allows, type CertificateUsage, checkUsage } from "./usage.ts";

/** Times carry whole seconds; a certificate is valid to the end of its last one. */
const LAST_SECOND_MS = 999;

export interface ChainInput extends PathSearch, RevocationPolicy {
  readonly usage: CertificateUsage;
  /** The suite of the channel or link; undefined: any, but one for the whole chain. */
  readonly suite?: Suite;
}

/** Who a verified certificate speaks for. */
export interface CertificateIdentity {
  /** The whole name, RFC 4514. */
  readonly subject: string;
  readonly commonName: string | undefined;
  readonly organisation: string | undefined;
  /** Always there but for the usages "authority" and "tlsServer". */
  readonly role: CertificateRole | undefined;
  readonly attributes: ReadonlyMap<string, string>;
  /** 33 bytes of a key of `suite`. */
  readonly publicKey: Uint8Array;
  readonly suite: Suite;
  readonly serial: string;
  /** The whole name of the issuer: with `serial`, which certificate it was. */
  readonly issuer: string;
  readonly notAfterMs: number;
  /** The last moment at which everything on the path is valid. */
  readonly pathEndsMs: number;
  /** Of everything on the path that can be revoked, for whoever asks again later. */
  readonly revocationKeys: readonly Uint8Array[];
  /** "unknown" only where the caller let it pass without a current CRL. */
  readonly revocation: "good" | "unknown";
}

function checkValidity({ notBeforeMs, notAfterMs, subject }: Certificate, atMs: number): void {
  const data = { subject: formatName(subject), notBeforeMs, notAfterMs };
  // A time that is no number is before everything.
  if (!(atMs >= notBeforeMs)) throw new Fault("CERTIFICATE_NOT_YET_VALID", "", { data });
  if (atMs > notAfterMs + LAST_SECOND_MS) throw new Fault("CERTIFICATE_EXPIRED", "", { data });
}

/** RFC 5280 §6.1.4 (k)–(n). `below`: CA certificates between this one and the end entity. */
function checkAuthority(authority: Certificate, below: readonly Certificate[]): void {
  if (!authority.isAuthority) {
    throw new Fault("CERTIFICATE_PATH", "the chain passes through a certificate of no authority");
  }
  const counted = below.filter(({ subject, issuer }) => !isSameName(subject, issuer)).length;
  if (authority.maxPathLength !== undefined && counted > authority.maxPathLength) {
    throw new Fault("CERTIFICATE_PATH", "an authority's path length is exceeded");
  }
}

function checkSuite(path: readonly Certificate[], wanted: Suite | undefined): void {
  const suite = wanted ?? path[0]?.key.algorithm.suite;
  if (
    path.some(({ key, algorithm }) =>
      [key.algorithm, algorithm].some((a) => a.suite.id !== suite?.id),
    )
  ) {
    throw new Fault("PKI_ALGORITHM", "the chain is not of one suite, or of another than this link");
  }
}

/** RFC 5280 §6.1.3, from the root down. */
function checkAuthorities(path: readonly Certificate[], input: ChainInput): void {
  for (let place = path.length - 1; place > 0; place--) {
    const [authority, subject] = [path[place]!, path[place - 1]!];
    checkValidity(authority, input.atMs);
    checkAuthority(authority, path.slice(1, place));
    if (!allows(authority, input.usage)) {
      throw new Fault("CERTIFICATE_USAGE", `an authority above is not for ${input.usage}`);
    }
    const { algorithm, publicKey } = authority.key;
    if (!isSignedBy(subject, algorithm.suite, publicKey)) {
      throw new Fault("SIGNATURE_INVALID", "a certificate is not signed by its issuer");
    }
  }
}

/** An organisation's authority speaks for its own members only (guide §6.1.2). */
function checkOrganisation(certificate: Certificate, issuer: Certificate): void {
  if (certificate.isAuthority) return;
  const organisation = namePart(certificate.subject, "O");
  if (organisation === undefined || organisation !== namePart(issuer.subject, "O")) {
    throw new Fault("CERTIFICATE_NAME");
  }
}

function verifyPath(path: readonly Certificate[], input: ChainInput): CertificateIdentity {
  const [certificate, issuer] = [path[0]!, path[1]!];
  checkSuite(path, input.suite);
  checkAuthorities(path, input);
  checkValidity(certificate, input.atMs);
  checkUsage(certificate, input.usage);
  checkOrganisation(certificate, issuer);
  // The root is trusted or not by the consortium; everything below it can be revoked.
  const revocable = path.slice(0, -1);
  const states = revocable.map((one, place) => checkRevocation(one, path[place + 1]!, input));
  const { subject, subjectRole, key, serial, notAfterMs } = certificate;
  return {
    subject: formatName(subject),
    commonName: namePart(subject, "CN"),
    organisation: namePart(subject, "O"),
    role: subjectRole?.role,
    attributes: subjectRole?.attributes ?? new Map<string, string>(),
    publicKey: key.publicKey,
    suite: key.algorithm.suite,
    serial,
    issuer: formatName(certificate.issuer),
    notAfterMs,
    pathEndsMs: Math.min(...path.map((one) => one.notAfterMs)) + LAST_SECOND_MS,
    revocationKeys: revocable.map(revocationKey),
    revocation: states.includes("unknown") ? "unknown" : "good",
  };
}

/**
 * Whether a certificate leads to a trusted root at a given time and for a given use (RFC 5280 §6,
 * guide §6.3.1). Of several paths one that holds is enough; otherwise the first one's fault is told.
 * @throws Fault CERTIFICATE_*, CRL_*, SIGNATURE_INVALID, PKI_ALGORITHM, PKI_LIMIT
 */
export function verifyChain(input: ChainInput): CertificateIdentity {
  const faults: Fault[] = [];
  for (const path of findPaths(input)) {
    try {
      return verifyPath(path, input);
    } catch (thrown) {
      faults.push(asFault(thrown));
    }
  }
  throw faults[0] ?? new Fault("CERTIFICATE_ISSUER_UNKNOWN");
}
