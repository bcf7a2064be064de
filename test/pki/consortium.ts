import { createHash } from "node:crypto";
import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import type { ChainInput } from "@gridledger/protocol/pki/chain";
import type { Crl, Revocation } from "@gridledger/protocol/pki/crl";
import {
  type CertificateFields,
  type CertificateIssuer,
  issueCertificate,
  issueRoot,
} from "@gridledger/protocol/pki/issue-certificate";
import { issueCrl } from "@gridledger/protocol/pki/issue-crl";

export const DAY_MS = 86_400_000;
export const START_MS = Date.UTC(2026, 0, 1);
export const NOW_MS = START_MS + 100 * DAY_MS;
export const suiteNames = ["international", "sm"] as const;

let counter = 0;
/** 16 bytes that look random and are the same in every run. */
function nextRandom(): Uint8Array {
  return createHash("sha256").update(`serial ${counter++}`).digest().subarray(0, 16);
}

export interface Actor {
  readonly pkcs8: Uint8Array;
  readonly signer: Signer;
}

export function newActor(suite: Suite): Actor {
  const pkcs8 = suite.generateKey();
  return { pkcs8, signer: suite.signer(pkcs8) };
}

type Change = Partial<Omit<CertificateFields, "subject">> & {
  subject?: Partial<CertificateFields["subject"]>;
};

/** A root, one organisation's authority and one meter gateway below it, with current CRLs. */
export class Consortium {
  readonly suite: Suite;
  readonly rootActor: Actor;
  readonly authorityActor: Actor;
  readonly deviceActor: Actor;
  readonly root: Certificate;
  readonly authority: Certificate;
  readonly device: Certificate;

  constructor(suiteName: string, rootChange: Change = {}) {
    this.suite = suiteByName(suiteName);
    [this.rootActor, this.authorityActor, this.deviceActor] = [1, 2, 3].map(() =>
      newActor(this.suite),
    ) as [Actor, Actor, Actor];
    this.root = issueRoot(this.suite, this.rootActor.signer, {
      ...authorityFields(this.rootActor, "Grid Consortium", 20),
      profile: { kind: "authority", maxPathLength: 1 },
      ...(rootChange as object),
    });
    this.authority = issueCertificate(
      this.rootIssuer,
      authorityFields(this.authorityActor, "China Southern Grid", 10),
    );
    this.device = this.issue();
  }

  get rootIssuer(): CertificateIssuer {
    return { suite: this.suite, signer: this.rootActor.signer, certificate: this.root };
  }

  get issuer(): CertificateIssuer {
    return { suite: this.suite, signer: this.authorityActor.signer, certificate: this.authority };
  }

  fields(change: Change = {}): CertificateFields {
    const { subject, ...rest } = change;
    return {
      serialRandom: nextRandom(),
      publicKey: this.deviceActor.signer.publicKey,
      notBeforeMs: START_MS,
      notAfterMs: START_MS + 365 * DAY_MS,
      profile: { kind: "signing", tlsClient: true },
      crlUri: "http://hub.example/crl/csg.crl",
      ...rest,
      subject: {
        country: "CN",
        organisation: "China Southern Grid",
        commonName: "网关 gateway-7",
        deviceSerial: "GW-0007",
        role: "device",
        attributes: new Map([
          ["feeder", "10kV-3"],
          ["meter", "000123456789"],
        ]),
        ...subject,
      },
    };
  }

  issue(change: Change = {}): Certificate {
    return issueCertificate(this.issuer, this.fields(change));
  }

  crl(
    issuer: CertificateIssuer = this.issuer,
    revoked: ReadonlyMap<string, Revocation> = new Map(),
    number = 1n,
  ): Crl {
    const [thisUpdateMs, nextUpdateMs] = [NOW_MS - DAY_MS, NOW_MS + DAY_MS];
    return issueCrl(issuer, { number, thisUpdateMs, nextUpdateMs, revoked });
  }

  chain(change: Partial<ChainInput> = {}): ChainInput {
    return {
      certificate: this.device,
      intermediates: [this.authority],
      roots: [this.root],
      crls: [this.crl(this.rootIssuer), this.crl()],
      atMs: NOW_MS,
      usage: "signing",
      ...change,
    };
  }
}

export function authorityFields(
  actor: Actor,
  organisation: string,
  years: number,
): CertificateFields {
  return {
    serialRandom: nextRandom(),
    subject: { country: "CN", organisation, commonName: `${organisation} CA` },
    publicKey: actor.signer.publicKey,
    notBeforeMs: START_MS,
    notAfterMs: START_MS + years * 365 * DAY_MS,
    profile: { kind: "authority", maxPathLength: 0 },
  };
}

/** For `assert.throws`: a Fault of this code. */
export function coded(code: FaultCode): (thrown: unknown) => boolean {
  return (thrown) => {
    if (thrown instanceof Fault && thrown.code === code) return true;
    throw thrown;
  };
}
