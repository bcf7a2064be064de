import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import type { Crl } from "@gridledger/protocol/pki/crl";
import type { CertificateIssuer } from "@gridledger/protocol/pki/issue-certificate";
import { namePart } from "@gridledger/protocol/pki/names";

/** An issuing authority at work. */
export interface Authority extends CertificateIssuer {
  /** Identity id in hex of its key: its name in topics, queries and tables. */
  readonly id: string;
  readonly organisation: string;
}

/** The root as the hub knows it, and the authorities that issue below it. */
export class Authorities {
  readonly root: Certificate;
  readonly rootCrl: Crl;
  readonly all: readonly Authority[];

  /** @throws Fault CONFIG_INVALID without an issuing authority */
  constructor(root: Certificate, rootCrl: Crl, issuing: readonly CertificateIssuer[]) {
    this.root = root;
    this.rootCrl = rootCrl;
    this.all = issuing.map((issuer) => ({
      ...issuer,
      id: formatHex(identityId(issuer.suite.hash, issuer.signer.publicKey)),
      organisation: namePart(issuer.certificate.subject, "O") ?? "",
    }));
    if (this.all.length === 0) throw new Fault("CONFIG_INVALID", "there is no issuing authority");
  }

  /** By id; without one the first. @throws Fault AUTHORITY_UNKNOWN */
  find(id?: string): Authority {
    const found = id === undefined ? this.all[0] : this.all.find((one) => one.id === id);
    if (found === undefined) throw new Fault("AUTHORITY_UNKNOWN");
    return found;
  }
}
