import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { KeptRecord } from "@gridledger/protocol/ledger/recovery-record";
import { checkOneOfEach, checkPlan } from "@gridledger/protocol/recovery/recovery-plan";
import { depositDigest } from "@gridledger/protocol/recovery/step-content";
import { checkContent, readKeep } from "./read-step.ts";
import type { RecoveryDeps, Submitted } from "./recovery-deps.ts";
import { StepSender } from "./step-sender.ts";

export interface Deposit {
  /** The signed record. */
  readonly transaction: Uint8Array;
  /** What people call the key. */
  readonly label: string;
  readonly box: Uint8Array;
  readonly sealedShares: readonly Uint8Array[];
}

interface KeepDeps extends RecoveryDeps {
  /** Whether the authority has certified the key for signing. */
  readonly isCertifiedToSign: (publicKey: Uint8Array) => Promise<boolean>;
}

/** Takes encryption keys into keeping, guide §6.2.2: boxes and shares that the hub cannot open. */
export class KeepDesk {
  readonly #deps: KeepDeps;
  readonly #sender: StepSender;

  constructor(deps: KeepDeps) {
    this.#deps = deps;
    this.#sender = new StepSender(deps);
  }

  /**
   * @param actor the account that hands it in
   * @throws Fault RECOVERY_SIGNING_KEY, RECOVERY_PLAN, RECOVERY_CONTENT, RECOVERY_REPEATED, SIGNATURE_INVALID, …
   */
  async keep(deposit: Deposit, actor: string): Promise<Submitted & { readonly publicKey: string }> {
    const { chain, keys, checkSubmission, now } = this.#deps;
    const { label, box, sealedShares } = deposit;
    const step = readKeep(checkSubmission(deposit.transaction));
    checkContent(step, depositDigest(chain.suite.hash, label, { box, sealedShares }));
    const { record, sender: owner, txHash } = step;
    await this.#check(record, owner, sealedShares.length);
    const publicKey = formatHex(record.publicKey);
    const earlier = await keys.find(publicKey);
    if (earlier !== undefined && equalBytes(earlier.txHash, txHash)) {
      return { ...(await this.#sender.again(txHash)), publicKey };
    }
    if (earlier !== undefined && !(await this.#sender.isRefused(earlier.txHash))) {
      throw new Fault("RECOVERY_REPEATED");
    }
    const { commitments, custodians } = record;
    const told = [owner, ...custodians.map(({ id }) => formatHex(id))];
    const said = { actor, action: "key.keep", what: "kept", told, publicKey } as const;
    const detail = `${label}: ${commitments.length} of ${custodians.length}`;
    await this.#sender.write({ ...said, request: null, by: owner, detail }, (db) =>
      keys.put(db, {
        ...{ publicKey, label, owner, commitments, custodians, box, sealedShares, txHash },
        createdMs: now(),
      }),
    );
    return { ...(await this.#sender.submit(step.encoded, said)), publicKey };
  }

  async #check(record: KeptRecord, owner: string, shares: number): Promise<void> {
    const { publicKey, commitments, custodians } = record;
    const { chain, findIdentity, isCertifiedToSign } = this.#deps;
    const asIdentity = formatHex(identityId(chain.suite.hash, publicKey));
    if (findIdentity(asIdentity) !== undefined || (await isCertifiedToSign(publicKey))) {
      throw new Fault("RECOVERY_SIGNING_KEY");
    }
    const ownerId = Buffer.from(owner, "hex");
    checkPlan({ threshold: commitments.length, custodians, ownerId });
    checkOneOfEach(custodians);
    if (shares !== custodians.length) {
      throw new Fault("RECOVERY_PLAN", `${shares} shares for ${custodians.length} custodians`);
    }
    const stranger = custodians.find(({ id }) => findIdentity(formatHex(id)) === undefined);
    if (stranger === undefined) return;
    throw new Fault("RECOVERY_PLAN", `${formatHex(stranger.id)} is not enrolled`);
  }
}
