import { Fault } from "@gridledger/protocol/faults";
import { accountBinding } from "../contracts/account-binding.ts";
import { contractCall } from "../contracts/contract-call.ts";
import { deployment } from "../contracts/deployment.ts";
import { ethereum } from "../contracts/ethereum-call.ts";
import { auditAnchor } from "./audit-anchor.ts";
import { certificateRecords } from "./certificate-records.ts";
import { corrections } from "./corrections.ts";
import { dataObjects } from "./data-objects.ts";
import { enrolment } from "./enrolment.ts";
import { erasureReceipts } from "./erasure-receipts.ts";
import { evidence } from "./evidence.ts";
import { breakGlass } from "./governance/break-glass.ts";
import { approval, proposal } from "./governance/votes.ts";
import { holderDeclarations } from "./holder-declarations.ts";
import { keyRecovery } from "./key-recovery.ts";
import { keyRotation } from "./key-rotation.ts";
import { mappingAnchor } from "./mapping-anchor.ts";
import { readings } from "./readings.ts";
import type { TransactionKind } from "./transaction-kind.ts";

const kinds: ReadonlyMap<number, TransactionKind> = new Map(
  [
    ...[readings, enrolment, proposal, approval, evidence, certificateRecords],
    ...[deployment, contractCall, breakGlass, keyRecovery, keyRotation],
    ...[mappingAnchor, auditAnchor],
    ...[ethereum, accountBinding],
    ...[dataObjects, erasureReceipts, holderDeclarations],
    corrections,
  ].map((kind) => [kind.number, kind]),
);

/** @throws Fault TX_KIND */
export function kindByNumber(number: number): TransactionKind {
  const found = kinds.get(number);
  if (found === undefined) throw new Fault("TX_KIND", `kind ${number} is not known`);
  return found;
}
