import { Fault } from "@gridledger/protocol/faults";
import { joiningKeyOf } from "@gridledger/protocol/governance/actions/membership";
import { scheduledOf } from "@gridledger/protocol/governance/governance-state";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import {
  type CertificateRecord,
  decodeCertificateRecords,
} from "@gridledger/protocol/ledger/certificate-record";
import type { Identity } from "@gridledger/protocol/ledger/enrolment";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Role } from "@gridledger/protocol/ledger/roles";
import {
  identityRevoked,
  revokedCertificates,
  type Standing,
  standings,
} from "@gridledger/protocol/ledger/standing";
import { identities } from "@gridledger/protocol/ledger/state";
import type { StateReader, StateView } from "./state-view.ts";
import type { BlockPlace, PlainOperation, Sender, TransactionKind } from "./transaction-kind.ts";

/** An organisation's authority speaks for these; of others only an operator may record something. */
const OF_AN_ORGANISATION: readonly Role[] = ["device", "application", "candidate"];

function unfit({ identityId }: CertificateRecord, why: string): Fault {
  return new Fault("CERTIFICATE_RECORD", `${formatHex(identityId)} ${why}`);
}

/** Who may say this of whom. */
function checkRights(
  record: CertificateRecord,
  sender: Sender,
  role: Role,
  standing: Standing | undefined,
): Fault | undefined {
  if (record.action === "revoked" && equalBytes(record.identityId, sender.id)) {
    return unfit(record, "cannot revoke itself");
  }
  if (sender.identity.role !== "organisation") return undefined;
  if (!OF_AN_ORGANISATION.includes(role)) return unfit(record, `is a ${role}: an operator must`);
  const isOwn = standing === undefined || equalBytes(standing.recorderId, sender.id);
  return isOwn ? undefined : unfit(record, "has its certificate of another authority");
}

function checkAction(record: CertificateRecord, standing: Standing | undefined): Fault | undefined {
  const { action } = record;
  if (action === "issued" && standing !== undefined) {
    return unfit(record, "has a certificate already: this is a renewal");
  }
  if (action === "renewed" && standing === undefined) {
    return unfit(record, "has no certificate to renew");
  }
  return undefined;
}

/** A validator, or one from a height that is approved already. */
function hasSeat(state: StateReader, { role, publicKey }: Identity): boolean {
  if (role === "validator") return true;
  return scheduledOf(state).some(({ proposal }) => {
    const joining = joiningKeyOf(proposal.action);
    return joining !== undefined && equalBytes(joining, publicKey);
  });
}

function checkRecord(
  state: StateReader,
  sender: Sender,
  record: CertificateRecord,
): Fault | undefined {
  if (record.action === "closed") return checkClosing(state, sender, record);
  const identity = state.get(identities, record.identityId);
  if (identity === undefined) return unfit(record, "is not enrolled");
  const standing = state.get(standings, record.identityId);
  if (standing?.isRevoked) return identityRevoked(formatHex(record.identityId), standing);
  if (state.get(revokedCertificates, record.certificateKey) !== undefined) {
    return unfit(record, "names a certificate that is void already");
  }
  const { authorityKey } = record;
  if (authorityKey !== undefined && state.get(revokedCertificates, authorityKey) !== undefined) {
    return unfit(record, "has its certificate of an authority that is void");
  }
  // A validator is its key on chain: revoked at once it could take the quorum with it.
  if (record.action === "revoked" && hasSeat(state, identity)) {
    return new Fault("REVOCATION_VALIDATOR");
  }
  return checkRights(record, sender, identity.role, standing) ?? checkAction(record, standing);
}

/** An authority falls with all that stands by it; whoever does not is certified by another one. */
function checkClosing(
  state: StateReader,
  sender: Sender,
  record: CertificateRecord,
): Fault | undefined {
  if (sender.identity.role !== "operator") return unfit(record, "is closed by an operator");
  if (state.get(revokedCertificates, record.certificateKey) === undefined) return undefined;
  return unfit(record, "names a certificate that is void already");
}

/** Certificates as the chain knows them, guide §6.1.3. No time is judged: expiry stops no chain. */
class CertificateRecordsOperation implements PlainOperation {
  readonly #records: readonly CertificateRecord[];

  constructor(records: readonly CertificateRecord[]) {
    this.#records = records;
  }

  check(state: StateReader, sender: Sender): Fault | undefined {
    for (const record of this.#records) {
      const broken = checkRecord(state, sender, record);
      if (broken !== undefined) return broken;
    }
    return undefined;
  }

  write(state: StateView, sender: Sender, { height }: BlockPlace): void {
    for (const record of this.#records) {
      const { action, identityId, certificateKey, fingerprint, reason, authorityKey } = record;
      const isRevoked = action === "revoked";
      const isAboutIdentity = action !== "withdrawn" && action !== "closed";
      if (isAboutIdentity) {
        const standing = { isRevoked, fingerprint, recorderId: sender.id, reason, height };
        state.set(standings, identityId, { ...standing, authorityKey });
      }
      if (isRevoked || !isAboutIdentity) {
        state.set(revokedCertificates, certificateKey, height);
      }
    }
  }
}

export const certificateRecords: TransactionKind = {
  number: kind.certificates,
  senderRoles: ["operator", "organisation"],
  read: (_chain, payload) => new CertificateRecordsOperation(decodeCertificateRecords(payload)),
};
