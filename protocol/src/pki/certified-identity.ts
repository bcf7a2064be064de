import { identityId } from "../crypto/identity-id.ts";
import type { Hash } from "../crypto/suite.ts";
import { formatHex } from "../hex.ts";
import type { Certificate } from "./certificate.ts";
import { oid } from "./oids.ts";

/** The attribute of a transport certificate that names the identity it opens connections for. */
export const IDENTITY_ATTRIBUTE = "identity";

const identityPattern = /^[0-9a-f]{20}$/;

/**
 * The identity, its id in hex, that a certificate speaks for at a TLS door; undefined where it speaks
 * for none. The authority writes it into the attribute `identity` where the certificate's key is not
 * the identity's own: a transport key stands apart, so that the signing key never leaves its page (and
 * because TLS has no SM2). Without the attribute, one that signs on the ledger speaks for its key.
 *
 * @param hash of the channel, from which identity ids are made
 */
export function certifiedIdentity(hash: Hash, certificate: Certificate): string | undefined {
  const { extendedUsage, key, subjectRole } = certificate;
  const named = subjectRole?.attributes.get(IDENTITY_ATTRIBUTE);
  if (named !== undefined) return identityPattern.test(named) ? named : undefined;
  if (!extendedUsage?.includes(oid.ledgerSigning)) return undefined;
  return formatHex(identityId(hash, key.publicKey));
}
