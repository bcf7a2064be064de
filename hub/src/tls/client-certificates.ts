import type { TLSSocket } from "node:tls";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { type Certificate, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { certifiedIdentity } from "@gridledger/protocol/pki/certified-identity";
import { type CertificateIdentity, verifyChain } from "@gridledger/protocol/pki/chain";
import { parsePem } from "@gridledger/protocol/pki/pem";

const MAX_SENT = 4;

/** A connection, as far as it shows whose it is. */
export type CertificateSource = Pick<TLSSocket, "getPeerX509Certificate">;

interface ClientCertificatesDeps {
  /** Of the channel. */
  readonly hash: Hash;
  /** Wall clock in ms. */
  readonly now: () => number;
  /** Whether the chain's state has revoked it, by `revocationKey`. */
  readonly isRevoked: (key: Uint8Array) => boolean;
}

/** Who stands behind a TLS connection. */
export interface CertifiedClient {
  /** Identity id in hex; undefined for a certificate that speaks for no identity of the ledger. */
  readonly identity: string | undefined;
  readonly certificate: CertificateIdentity;
  /** It was good until it expired: enough to ask for another one, and for nothing else. */
  readonly isExpired: boolean;
}

/**
 * Judges the certificates of TLS clients (guide §6.3.1): our own path rules, the chain's revocations,
 * and a verdict that tells an expired member from a stranger.
 */
export class ClientCertificates {
  readonly #deps: ClientCertificatesDeps;
  #trusted: readonly Certificate[];

  /** @param authorities as PEM; without any nobody is believed @throws Fault PKI_* for what is none */
  constructor(deps: ClientCertificatesDeps, authorities: string | undefined) {
    this.#deps = deps;
    this.#trusted = authorities === undefined ? [] : certificatesOf(authorities);
  }

  /** Believes these from now on. Whom another one brought in stays until it is checked again. @throws Fault PKI_* */
  renew(authorities: string): void {
    this.#trusted = certificatesOf(authorities);
  }

  /** @throws Fault TLS_CERTIFICATE_MISSING, CERTIFICATE_*, SIGNATURE_INVALID, PKI_* */
  check(socket: CertificateSource): CertifiedClient {
    const [first, ...others] = sentCertificates(socket).map(parseCertificate);
    if (first === undefined) throw new Fault("TLS_CERTIFICATE_MISSING");
    const now = this.#deps.now();
    const identity = certifiedIdentity(this.#deps.hash, first);
    try {
      return { identity, certificate: this.#verify(first, others, now), isExpired: false };
    } catch (thrown) {
      const fault = asFault(thrown);
      if (fault.code !== "CERTIFICATE_EXPIRED" || first.notAfterMs > now) throw fault;
      const certificate = this.#verify(first, others, first.notAfterMs);
      return { identity, certificate, isExpired: true };
    }
  }

  /**
   * Whether a client that was checked once is still good: a few comparisons and look-ups, no signature.
   * @throws Fault CERTIFICATE_REVOKED, CERTIFICATE_EXPIRED
   */
  recheck({ certificate }: CertifiedClient): void {
    const { subject, serial, pathEndsMs, revocationKeys } = certificate;
    const { now, isRevoked } = this.#deps;
    const data = { subject, serial };
    if (revocationKeys.some(isRevoked)) throw new Fault("CERTIFICATE_REVOKED", "", { data });
    if (now() > pathEndsMs) throw new Fault("CERTIFICATE_EXPIRED", "", { data });
  }

  #verify(certificate: Certificate, sent: readonly Certificate[], atMs: number) {
    const isRoot = ({ issuer, subject }: Certificate) =>
      Buffer.compare(issuer.encoded, subject.encoded) === 0;
    return verifyChain({
      certificate,
      intermediates: [...sent, ...this.#trusted.filter((one) => !isRoot(one))],
      roots: this.#trusted.filter(isRoot),
      usage: "tlsClient",
      atMs,
      crls: [],
      withoutCrl: "flag", // what counts is the chain's state
      isRevokedOnChain: this.#deps.isRevoked,
    });
  }
}

function certificatesOf(pem: string): Certificate[] {
  return parsePem("CERTIFICATE", pem).map(parseCertificate);
}

/** The client's certificate first, then what it sent beside it, DER. */
function sentCertificates(socket: CertificateSource): Uint8Array[] {
  const sent: Uint8Array[] = [];
  let one = socket.getPeerX509Certificate();
  while (one !== undefined && sent.length < MAX_SENT) {
    sent.push(one.raw);
    one = one.issuerCertificate;
  }
  return sent;
}
