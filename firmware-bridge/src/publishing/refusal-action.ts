import type { FaultCode } from "@gridledger/protocol/faults";

/**
 * What to do about a refusal. It is unsigned, a hint: whatever it says, a batch is kept and sent again
 * until a receipt proves it final, so the worst that a false one costs is time.
 */
export type RefusalAction =
  /** Sign again with a later validUntilHeight; same payload. */
  | "sign-again"
  /** Sign again with the identity's other key, where there is one; same payload. */
  | "turn-key"
  /** Send the meter's first waiting batch again: the one before is missing. */
  | "send-first"
  /** It waits already: wait for the receipt. */
  | "wait"
  /** It is final already: send all that was ever signed for it, so that the hub repeats the receipt. */
  | "send-all"
  /** Too much at once: send less for a while. */
  | "slow-down"
  /** Only a person can mend it; tried again rarely. */
  | "blocked";

const actions: Partial<Record<FaultCode, RefusalAction>> = {
  TX_EXPIRED: "sign-again",
  TX_TOO_FAR: "sign-again",
  KEY_EPOCH: "turn-key",
  SIGNATURE_INVALID: "turn-key",
  BATCH_SEQUENCE: "send-first",
  BATCH_STALE: "send-all",
  TX_REPLAYED: "wait",
  MEMPOOL_FULL: "slow-down",
  MEMPOOL_SENDER_LIMIT: "slow-down",
  RATE_LIMITED: "slow-down",
  NOT_READY: "slow-down",
};

export function refusalAction(code: FaultCode): RefusalAction {
  return actions[code] ?? "blocked";
}
