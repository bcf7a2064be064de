import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import type { Crl } from "@gridledger/protocol/pki/crl";
import type { CertificateIssuer } from "@gridledger/protocol/pki/issue-certificate";
import { namePart } from "@gridledger/protocol/pki/names";
import { revocationKey } from "@gridledger/protocol/pki/revocation";

/** An issuing authority at work. */
export interface Authority extends CertificateIssuer {
  /** Identity id in hex of its key: its name in topics, queries and tables. */
  readonly id: string;
  readonly organisation: string;
  /** `revocationKey` of its certificate. */
  readonly key: Uint8Array;
  /** Whether the chain calls it void: it issues nothing more. */
  readonly isVoid: () => boolean;
}

/** The root as the hub knows it, and the authorities that issue below it. */
export class Authorities {
  readonly root: Certificate;
  readonly #readRootCrl: () => Crl;
  readonly all: readonly Authority[];

  /**
   * @param readRootCrl where the root's key is used, another process makes the next one
   * @param isVoid what the chain says of a certificate, by its `revocationKey`
   * @throws Fault CONFIG_INVALID without an issuing authority
   */
  constructor(
    root: Certificate,
    readRootCrl: () => Crl,
    issuing: readonly CertificateIssuer[],
    isVoid: (key: Uint8Array) => boolean = () => false,
  ) {
    this.root = root;
    this.#readRootCrl = readRootCrl;
    this.all = issuing.map((issuer) => {
      const key = revocationKey(issuer.certificate);
      return {
        ...{ ...issuer, key, isVoid: () => isVoid(key) },
        id: formatHex(identityId(issuer.suite.hash, issuer.signer.publicKey)),
        organisation: namePart(issuer.certificate.subject, "O") ?? "",
      };
    });
    if (this.all.length === 0) throw new Fault("CONFIG_INVALID", "there is no issuing authority");
  }

  get rootCrl(): Crl {
    return this.#readRootCrl();
  }

  /** By id; without one the first that may issue. @throws Fault AUTHORITY_UNKNOWN */
  find(id?: string): Authority {
    const found = this.all.find((one) => (id === undefined ? !one.isVoid() : one.id === id));
    if (found === undefined) throw new Fault("AUTHORITY_UNKNOWN");
    return found;
  }
}
