import { asFault, Fault } from "@gridledger/protocol/faults";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Identity } from "@gridledger/protocol/ledger/enrolment";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { certificateFingerprint } from "@gridledger/protocol/pki/certificate";
import type { Crl } from "@gridledger/protocol/pki/crl";
import type { CrlReason } from "@gridledger/protocol/pki/crl-reasons";
import { isCertificateRole } from "@gridledger/protocol/pki/role-table";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Authorities, Authority } from "./authorities.ts";
import { ChainRecorder } from "./chain-recorder.ts";
import { CrlPublisher } from "./crl-publisher.ts";
import { EnrolmentCodes } from "./enrolment-codes.ts";
import { EnrolmentDesk } from "./enrolment-desk.ts";
import { Issuance, type IssuanceOptions } from "./issuance.ts";
import { KeyCheck, type LedgerIdentity } from "./key-check.ts";
import { RenewalDesk } from "./renewal-desk.ts";
import { Revoker } from "./revoker.ts";
import type { CaStore } from "./tables/ca-store.ts";
import { CertificateTable, type IssuedCertificate } from "./tables/certificate-table.ts";
import { CodeTable } from "./tables/code-table.ts";
import { CrlTable } from "./tables/crl-table.ts";
import { RequestTable } from "./tables/request-table.ts";

/** After the start has made its noise. */
const CERTIFY_AFTER_MS = 2_000;

interface AuthorityDeps {
  readonly chain: Chain;
  readonly store: CaStore;
  readonly authorities: Authorities;
  readonly findIdentity: (id: string) => LedgerIdentity | undefined;
  /** The identity that has, had or will have a key, in hex. */
  readonly identityOf: (publicKey: Uint8Array) => string;
  /** Those that stand in the genesis. */
  readonly founders: () => readonly LedgerIdentity[];
  readonly operatorCount: () => Promise<number>;
  readonly describeRemoval: (publicKey: Uint8Array) => string;
  readonly publishCrl: (authority: Authority, crl: Crl) => void;
  readonly keys: KeyRing | undefined;
  readonly enrol: (identity: Identity) => Promise<{ readonly state: "final" | "spooled" }>;
  readonly submit: (
    encoded: Uint8Array,
    waitMs: number,
  ) => Promise<{ readonly state: "final" | "spooled"; readonly height: number | null }>;
  readonly headHeight: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** The certificate authority of a hub, guide §6.1: its desks, its lists and its record on the chain. */
export class CertificateAuthority {
  readonly authorities: Authorities;
  readonly certificates: CertificateTable;
  readonly codes: EnrolmentCodes;
  readonly desk: EnrolmentDesk;
  readonly issuance: Issuance;
  readonly crls: CrlPublisher;
  readonly recorder: ChainRecorder;
  readonly #deps: AuthorityDeps;
  readonly #renewals: RenewalDesk;
  readonly #revoker: Revoker;
  #cancel: () => void = () => {};

  constructor(deps: AuthorityDeps, options: IssuanceOptions) {
    const { chain, store, authorities, findIdentity, identityOf, clock, log } = deps;
    const { suite, chainId } = chain;
    const now = () => clock.now();
    const certificates = new CertificateTable(store);
    const codeTable = new CodeTable(store);
    const issuance = new Issuance({ store, certificates, identityOf, now }, options);
    const keys = new KeyCheck({ certificates, findIdentity, identityOf });
    this.#deps = deps;
    this.authorities = authorities;
    this.certificates = certificates;
    this.issuance = issuance;
    this.codes = new EnrolmentCodes({ table: codeTable, now });
    this.desk = new EnrolmentDesk({
      ...{ suite, store, authorities, codeTable, certificates, issuance, keys, now },
      ...{ codes: this.codes, requests: new RequestTable(store) },
      operatorCount: deps.operatorCount,
    });
    this.crls = new CrlPublisher({
      ...{ authorities, certificates, crls: new CrlTable(store), clock, log },
      publish: deps.publishCrl,
    });
    const authorityKeyOf = (id: string) => authorities.find(id).key;
    this.recorder = new ChainRecorder({ ...deps, certificates, authorityKeyOf });
    this.#renewals = new RenewalDesk({
      ...{ suite, chainId, authorities, certificates, issuance, keys, findIdentity, now },
    });
    const { describeRemoval } = deps;
    const { crls } = this;
    this.#revoker = new Revoker({
      ...{ authorities, certificates, crls, findIdentity, describeRemoval, now },
    });
  }

  /** Identity id in hex of whoever has, had or will have the key. */
  identityOf(publicKey: Uint8Array): string {
    return this.#deps.identityOf(publicKey);
  }

  /** Founders get their certificates in the background: a start waits for none of it. */
  async start(): Promise<void> {
    await this.crls.start();
    this.#cancel = this.#deps.clock.after(CERTIFY_AFTER_MS, () => void this.certifyFounders());
  }

  async stop(): Promise<void> {
    this.#cancel();
    await this.recorder.stop();
    await this.crls.stop();
  }

  /** Approves a request; the chain hears of it before this returns, unless that takes long. */
  async approve(id: string, by: string): Promise<void> {
    await this.desk.approve(id, by);
    await this.recorder.run();
  }

  async revoke(serial: string, reason: CrlReason, by: string): Promise<void> {
    await this.#revoker.revoke(serial, reason, by);
    await this.recorder.run();
  }

  /**
   * Takes an issuing authority back: all that stands by it is refused from one height on (guide §6.1.3).
   *
   * @throws Fault AUTHORITY_UNKNOWN, AUTHORITY_REVOKED, FORBIDDEN, CERTIFICATE_RECORD
   */
  async close(id: string, reason: CrlReason): Promise<{ height: number | null }> {
    const authority = this.authorities.find(id);
    if (authority.isVoid()) throw new Fault("AUTHORITY_REVOKED");
    const { height } = await this.recorder.close({
      ...{ action: "closed", certificateKey: authority.key, reason },
      fingerprint: certificateFingerprint(authority.certificate),
      identityId: Buffer.from(id, "hex"),
    });
    return { height };
  }

  /** The chain hears of it later: who renews waits for its certificate only. */
  async renew(encoded: Uint8Array): Promise<IssuedCertificate> {
    const renewed = await this.#renewals.renew(encoded);
    void this.recorder.run();
    return renewed;
  }

  /** Certificates of the first authority for the identities of the genesis that have none. */
  async certifyFounders(): Promise<void> {
    const { founders, log } = this.#deps;
    try {
      for (const founder of founders()) await this.#certify(founder);
      await this.recorder.run();
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      log.error({ code, detail: message, err: thrown }, "founders could not be certified");
    }
  }

  async #certify(founder: LedgerIdentity): Promise<void> {
    const { id, role, name, publicKey, suiteId, standing } = founder;
    if (!isCertificateRole(role) || standing?.isRevoked) return;
    if (suiteId !== this.#deps.chain.suite.id) return; // paths are of one suite
    if ((await this.certificates.ofIdentity(id, "signing")) !== undefined) return;
    const order = { purpose: "signing", name, role, publicKey, issuedBy: "genesis" } as const;
    await this.issuance.issue(this.authorities.find(), order);
  }
}
