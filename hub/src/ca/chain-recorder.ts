import { randomBytes } from "node:crypto";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import {
  type CertificateRecord,
  encodeCertificateRecords,
  MAX_CERTIFICATE_RECORDS,
} from "@gridledger/protocol/ledger/certificate-record";
import type { Identity } from "@gridledger/protocol/ledger/enrolment";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { certificateFingerprint, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { revocationKey } from "@gridledger/protocol/pki/revocation";
import { ledgerRole } from "@gridledger/protocol/pki/role-table";
import type { Clock } from "../clock.ts";
import { submitSigned } from "../keys/submit-signed.ts";
import type { Log } from "../log.ts";
import type { LedgerIdentity } from "./key-check.ts";
import type { CertificateTable, IssuedCertificate } from "./tables/certificate-table.ts";

const VALID_BLOCKS = 512;
const WAIT_MS = 8_000;
const RETRY_MS = 5_000;

interface Outcome {
  readonly state: "final" | "spooled";
}

interface Final extends Outcome {
  readonly height: number | null;
}

interface RecorderDeps {
  readonly chain: Chain;
  /** An operator's or an enrolled organisation's; undefined: the chain hears nothing from this hub. */
  readonly keys: KeyRing | undefined;
  readonly certificates: CertificateTable;
  /** `revocationKey` of an authority's own certificate. @param id of the authority */
  readonly authorityKeyOf: (id: string) => Uint8Array;
  readonly findIdentity: (id: string) => LedgerIdentity | undefined;
  readonly enrol: (identity: Identity) => Promise<Outcome>;
  readonly submit: (encoded: Uint8Array, waitMs: number) => Promise<Final>;
  readonly headHeight: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

interface Due {
  readonly certificate: IssuedCertificate;
  readonly record: CertificateRecord;
}

/**
 * Brings the authority's work onto the chain: enrols identities that have a certificate now, records
 * issues, renewals and revocations. What a stop or a busy chain left behind is done later: the table
 * says what the chain has not heard.
 */
export class ChainRecorder {
  readonly #deps: RecorderDeps;
  #running: Promise<void> | undefined;
  #isStopped = false;
  #cancel: () => void = () => {};

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#running;
  }

  /** Does what is due; returns when that is final, refused or takes long. */
  async run(): Promise<void> {
    if (this.#deps.keys === undefined) return;
    // Whoever calls meanwhile waits for a round that began after the call.
    await this.#running;
    if (this.#isStopped) return;
    this.#running ??= this.#runOnce().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Tells the chain that an authority is void. @throws Fault FORBIDDEN, CERTIFICATE_RECORD */
  close(record: CertificateRecord): Promise<Final> {
    return this.#submit([record]);
  }

  async #runOnce(): Promise<void> {
    const { log, clock } = this.#deps;
    this.#cancel();
    let areLeft = true;
    try {
      await this.#recordDue();
      areLeft = (await this.#deps.certificates.unrecorded(1)).length > 0;
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      log.warn({ code, detail: message }, "certificates could not be recorded; trying again");
    }
    if (!areLeft || this.#isStopped) return;
    this.#cancel = clock.after(RETRY_MS, () => void this.run());
  }

  async #recordDue(): Promise<void> {
    const { certificates } = this.#deps;
    const due: Due[] = [];
    const done: string[] = [];
    for (const certificate of await certificates.unrecorded(MAX_CERTIFICATE_RECORDS)) {
      const record = await this.#recordOf(certificate);
      if (record === "done") done.push(certificate.serial);
      // One identity once in a transaction: the next round has the rest.
      else if (record && !due.some((other) => isSameIdentity(other.record, record))) {
        due.push({ certificate, record });
      }
    }
    if (done.length > 0) await certificates.markRecorded(done);
    if (due.length > 0) await this.#send(due);
  }

  /** What the chain must be told; undefined while its identity is on the way. */
  async #recordOf(certificate: IssuedCertificate): Promise<CertificateRecord | "done" | undefined> {
    const { identity: id, revokedMs, reason } = certificate;
    const identity = id === null ? undefined : await this.#known(id, certificate);
    const parsed = parseCertificate(certificate.encoded);
    const fingerprint = certificateFingerprint(parsed);
    if (identity === "none") return "done";
    if (identity === undefined || id === null) return undefined;
    const fields = {
      identityId: Buffer.from(id, "hex"),
      certificateKey: revocationKey(parsed),
      fingerprint,
    };
    const { standing } = identity;
    if (standing?.isRevoked && !standing.isByAuthority) return "done";
    if (revokedMs !== null) {
      // A replaced certificate's end is not its subject's; neither is an encryption certificate's.
      const isSubject = certificate.purpose === "signing" && certificate.replacedBy === null;
      const action = isSubject ? "revoked" : "withdrawn";
      return { ...fields, action, reason: reason ?? "unspecified" };
    }
    if (standing !== undefined && equalBytes(standing.fingerprint, fingerprint)) return "done";
    const action = standing === undefined ? "issued" : "renewed";
    const authorityKey = this.#deps.authorityKeyOf(certificate.authority);
    return { ...fields, action, reason: "unspecified", authorityKey };
  }

  /** The identity on the chain, which is enrolled where it is new; "none" where it never will be. */
  async #known(
    id: string,
    { role, name, publicKey, purpose, revokedMs }: IssuedCertificate,
  ): Promise<LedgerIdentity | "none" | undefined> {
    const { findIdentity, enrol } = this.#deps;
    const known = findIdentity(id);
    if (known !== undefined) return known;
    const wanted = role === null ? undefined : ledgerRole(role);
    if (wanted === undefined || purpose !== "signing" || revokedMs !== null) return "none";
    const { state } = await enrol({ role: wanted, name, publicKey });
    return state === "final" ? findIdentity(id) : undefined;
  }

  async #send(due: readonly Due[]): Promise<void> {
    const { certificates, log } = this.#deps;
    try {
      const { state } = await this.#submit(due.map(({ record }) => record));
      if (state !== "final") return;
      await certificates.markRecorded(due.map(({ certificate }) => certificate.serial));
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      if (due.length > 1) {
        // One bad record must not hold up the others.
        for (const one of due) await this.#send([one]);
        return;
      }
      log.warn({ code, detail: message }, "the chain does not take a certificate's record");
      const isFinal = code === "CERTIFICATE_RECORD" || code === "REVOCATION_VALIDATOR";
      if (isFinal) await certificates.markRecorded([due[0]!.certificate.serial]);
    }
  }

  async #submit(records: readonly CertificateRecord[]): Promise<Final> {
    const { keys, headHeight } = this.#deps;
    if (keys === undefined) throw new Fault("FORBIDDEN");
    const body = {
      kind: kind.certificates,
      validUntilHeight: headHeight() + VALID_BLOCKS,
      nonce: randomBytes(8),
      payload: encodeCertificateRecords(records),
    };
    return submitSigned({ ...this.#deps, keys }, body, WAIT_MS);
  }
}

function isSameIdentity(a: CertificateRecord, b: CertificateRecord): boolean {
  return equalBytes(a.identityId, b.identityId);
}
