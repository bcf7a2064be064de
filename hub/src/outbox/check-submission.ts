import { decodeAuditAnchor } from "@gridledger/protocol/audit/audit-anchor";
import { decodeAccountBinding } from "@gridledger/protocol/contracts/account-binding";
import { decodeContractCall } from "@gridledger/protocol/contracts/call";
import { decodeDeployment } from "@gridledger/protocol/contracts/deployment";
import {
  decodeCarried,
  decodeEthereumTransaction,
} from "@gridledger/protocol/contracts/ethereum-transaction";
import { CALLERS, DEPLOYERS } from "@gridledger/protocol/contracts/sender-roles";
import { decodeHolderDeclaration, HOLDERS } from "@gridledger/protocol/copies/holder-declaration";
import { Fault } from "@gridledger/protocol/faults";
import { decodeApproval } from "@gridledger/protocol/governance/approval";
import { decodeProposal } from "@gridledger/protocol/governance/proposal";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeCertificateRecords } from "@gridledger/protocol/ledger/certificate-record";
import { decodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { suiteOfKey } from "@gridledger/protocol/ledger/identity-keys";
import { decodeKeyRotation, ROTATION_ROLES } from "@gridledger/protocol/ledger/key-rotation";
import { kind, kindName } from "@gridledger/protocol/ledger/kinds";
import { decodeMappingAnchor } from "@gridledger/protocol/ledger/mapping-anchor";
import { decodeRecoveryRecord, RECOVERY_ROLES } from "@gridledger/protocol/ledger/recovery-record";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { identityRevoked, type Standing } from "@gridledger/protocol/ledger/standing";
import {
  decodeTransaction,
  type Transaction,
  VALIDITY_WINDOW_BLOCKS,
  verifyTransaction,
} from "@gridledger/protocol/ledger/transaction";
import { decodeCorrection } from "@gridledger/protocol/metering/correction";
import { decodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import { decodeErasureReceipt } from "@gridledger/protocol/objects/erasure-receipt";
import { decodeManifest, PUTTERS } from "@gridledger/protocol/objects/manifest";

interface SenderKey {
  readonly publicKey: Uint8Array;
  /** The channel's where none is said. */
  readonly suiteId?: number;
}

interface Sender extends SenderKey {
  /** The one that signed before its last rotation, or will. */
  readonly otherKey?: SenderKey | undefined;
  readonly role: Role;
  readonly standing?: Pick<Standing, "isRevoked" | "reason" | "height"> | undefined;
}

interface KindRule {
  readonly roles: readonly Role[];
  readonly checkPayload: (payload: Uint8Array) => unknown;
}

/** What a validator would refuse without looking at the state is refused at the door. */
const rules: ReadonlyMap<number, KindRule> = new Map<number, KindRule>([
  [kind.readings, { roles: ["device"], checkPayload: decodeReadingBatch }],
  [kind.enrolment, { roles: ["operator"], checkPayload: decodeIdentity }],
  [kind.proposal, { roles: ["validator"], checkPayload: decodeProposal }],
  [kind.approval, { roles: ["validator"], checkPayload: decodeApproval }],
  [
    kind.certificates,
    { roles: ["operator", "organisation"], checkPayload: decodeCertificateRecords },
  ],
  [kind.keyRotation, { roles: ROTATION_ROLES, checkPayload: decodeKeyRotation }],
  [kind.recovery, { roles: RECOVERY_ROLES, checkPayload: decodeRecoveryRecord }],
  [kind.deployment, { roles: DEPLOYERS, checkPayload: decodeDeployment }],
  [kind.contractCall, { roles: CALLERS, checkPayload: decodeContractCall }],
  [
    kind.mappingAnchor,
    { roles: ["hub", "application", "organisation"], checkPayload: decodeMappingAnchor },
  ],
  [kind.auditAnchor, { roles: ["hub"], checkPayload: decodeAuditAnchor }],
  [
    kind.ethereum,
    {
      roles: CALLERS,
      checkPayload: (payload) => decodeEthereumTransaction(decodeCarried(payload)),
    },
  ],
  [kind.accountBinding, { roles: CALLERS, checkPayload: decodeAccountBinding }],
  [kind.dataObject, { roles: PUTTERS, checkPayload: decodeManifest }],
  [kind.erasureReceipt, { roles: HOLDERS, checkPayload: decodeErasureReceipt }],
  [kind.correction, { roles: ["device", "operator"], checkPayload: decodeCorrection }],
  [kind.holderDeclaration, { roles: HOLDERS, checkPayload: decodeHolderDeclaration }],
]);

/** Shape, sender and signature: all that does not depend on the height. @throws Fault */
export function checkSubmission(
  chain: Chain,
  findIdentity: (id: string) => Sender | undefined,
  encoded: Uint8Array,
): Transaction {
  const { suite, genesis } = chain;
  const transaction = decodeTransaction(suite, encoded, genesis.policy.maxTransactionBytes);
  const rule = rules.get(transaction.kind);
  if (rule === undefined) throw new Fault("TX_KIND", `${kindName(transaction.kind)} is not known`);
  const senderId = formatHex(transaction.sender);
  const sender = findIdentity(senderId);
  if (sender === undefined) throw new Fault("SENDER_UNKNOWN", `${senderId} is not enrolled`);
  if (!isSignedBy(chain, sender, transaction)) {
    const { otherKey } = sender;
    if (otherKey !== undefined && isSignedBy(chain, otherKey, transaction)) {
      throw new Fault("KEY_EPOCH");
    }
    throw new Fault("SIGNATURE_INVALID", "the transaction's signature does not verify here");
  }
  if (!rule.roles.includes(sender.role)) {
    const sends = `${rule.roles.join(" or ")} sends ${kindName(transaction.kind)}`;
    throw new Fault("SENDER_ROLE", `only a ${sends}, not a ${sender.role}`);
  }
  if (sender.standing?.isRevoked) throw identityRevoked(senderId, sender.standing);
  rule.checkPayload(transaction.payload);
  return transaction;
}

function isSignedBy(
  chain: Chain,
  { publicKey, suiteId = chain.suite.id }: SenderKey,
  transaction: Transaction,
): boolean {
  return verifyTransaction(suiteOfKey(chain, { suiteId }), publicKey, chain.chainId, transaction);
}

/** @throws Fault TX_EXPIRED, TX_TOO_FAR */
export function checkValidity({ validUntilHeight }: Transaction, headHeight: number): void {
  if (validUntilHeight <= headHeight) {
    throw new Fault("TX_EXPIRED", `valid until ${validUntilHeight}, the head is ${headHeight}`);
  }
  const furthest = headHeight + VALIDITY_WINDOW_BLOCKS;
  if (validUntilHeight > furthest) {
    throw new Fault("TX_TOO_FAR", `valid until ${validUntilHeight}, at most ${furthest} now`);
  }
}
