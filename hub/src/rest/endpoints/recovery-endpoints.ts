import type { CertificateAuthority } from "../../ca/certificate-authority.ts";
import type { Recovery } from "../../recovery/start-recovery.ts";
import type { FindName } from "../transaction-view.ts";
import { deliverKey, fetchKey } from "./key-deliveries.ts";
import { custodians, keepKey, recoveryKeys, recoveryNotices } from "./recovery-keys.ts";
import {
  askForKey,
  completeRecovery,
  recoveryRequest,
  recoveryRequests,
  releaseShare,
  reportShares,
} from "./recovery-requests.ts";
import type { transactionProof } from "./transaction-proof.ts";

export type RecoveryEndpointDeps = Parameters<typeof transactionProof>[0] & {
  readonly recovery: Recovery;
  /** Undefined on a hub that runs none. */
  readonly authority: CertificateAuthority | undefined;
  readonly findIdentity: FindName;
  readonly now: () => number;
};

/** The endpoints of key recovery, guide §6.2.2. */
export function recoveryEndpoints(deps: RecoveryEndpointDeps) {
  return {
    recoveryKeys: recoveryKeys(deps),
    keepKey: keepKey(deps),
    custodians: custodians(deps),
    recoveryRequests: recoveryRequests(deps),
    recoveryRequest: recoveryRequest(deps),
    askForKey: askForKey(deps),
    releaseShare: releaseShare(deps),
    reportShares: reportShares(deps),
    completeRecovery: completeRecovery(deps),
    recoveryNotices: recoveryNotices(deps),
    deliverKey: deliverKey(deps),
    fetchKey: fetchKey(deps),
  };
}
