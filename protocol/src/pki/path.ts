import { Fault } from "../faults.ts";
import { equalBytes } from "../hex.ts";
import type { Certificate } from "./certificate.ts";
import { isSameName } from "./names.ts";

const MAX_INTERMEDIATES = 16;
/** Certificates in a path, both ends counted. */
const MAX_LENGTH = 6;
/** Certificates looked at: names can be forged so that every one seems to issue every other. */
const MAX_STEPS = 64;
const MAX_PATHS = 8;

export interface PathSearch {
  readonly certificate: Certificate;
  /** What the peer sent beside it. */
  readonly intermediates: readonly Certificate[];
  /** Authorities that are trusted because the consortium says so. */
  readonly roots: readonly Certificate[];
}

/** RFC 5280 §6.1.3 (a) (4) and the key identifiers of §4.2.1.1, where both stand there. */
function couldHaveIssued(issuer: Certificate, certificate: Certificate): boolean {
  const [wanted, found] = [certificate.authorityKeyId, issuer.subjectKeyId];
  const isSameKey = wanted === undefined || found === undefined || equalBytes(wanted, found);
  return isSameKey && isSameName(issuer.subject, certificate.issuer);
}

function isSameHolder(a: Certificate, b: Certificate): boolean {
  return isSameName(a.subject, b.subject) && equalBytes(a.key.publicKey, b.key.publicKey);
}

/**
 * Every way from a certificate up to a root by names, the certificate first, the root last. Nothing
 * is verified.
 * @throws Fault PKI_LIMIT, CERTIFICATE_PATH for a loop, CERTIFICATE_ISSUER_UNKNOWN
 */
export function findPaths({ certificate, intermediates, roots }: PathSearch): Certificate[][] {
  if (intermediates.length > MAX_INTERMEDIATES) {
    throw new Fault("PKI_LIMIT", `at most ${MAX_INTERMEDIATES} certificates beside the first`);
  }
  const found: Certificate[][] = [];
  const open: Certificate[][] = [[certificate]];
  let hasLoop = false;
  let isTooLong = false;
  for (let steps = 0; steps < MAX_STEPS && found.length < MAX_PATHS; steps++) {
    const path = open.shift();
    const last = path?.at(-1);
    if (path === undefined || last === undefined) break;
    const tops = roots.filter((root) => couldHaveIssued(root, last));
    found.push(...tops.map((root) => [...path, root]));
    const issuers = intermediates.filter((candidate) => couldHaveIssued(candidate, last));
    const fresh = issuers.filter((issuer) => !path.some((passed) => isSameHolder(passed, issuer)));
    hasLoop ||= fresh.length < issuers.length;
    const hasRoom = path.length + 2 <= MAX_LENGTH;
    isTooLong ||= fresh.length > 0 && !hasRoom;
    if (hasRoom) open.push(...fresh.map((issuer) => [...path, issuer]));
  }
  if (found.length > 0) return found.slice(0, MAX_PATHS);
  if (hasLoop) throw new Fault("CERTIFICATE_PATH", "the chain runs in a loop");
  if (isTooLong) throw new Fault("CERTIFICATE_PATH", "the chain is too long");
  throw new Fault("CERTIFICATE_ISSUER_UNKNOWN");
}
