import { isApproved } from "@gridledger/protocol/recovery/recovery-plan";
import type { StoredKey } from "./tables/kept-key-table.ts";
import type { StoredRelease, StoredRequest } from "./tables/recovery-request-table.ts";

/**
 * sent: on its way to the chain · open: custodians decide · ready: enough have, the requester collects ·
 * completed · expired · replaced by another request for the key · refused by the chain.
 */
export type RequestState =
  | "sent"
  | "open"
  | "ready"
  | "completed"
  | "expired"
  | "replaced"
  | "refused";

/** What the chain says, as far as the hub has followed it. */
interface Facts {
  readonly request: StoredRequest;
  readonly key: StoredKey;
  /** Final ones. */
  readonly releases: readonly StoredRelease[];
  /** Of its record; undefined while it is not final. */
  readonly askedHeight: number | undefined;
  readonly isRefused: boolean;
  readonly isCompleted: boolean;
  /** Another request for the key became final after this one. */
  readonly isReplaced: boolean;
  readonly nowMs: number;
}

/** How a request stands; nothing of it is kept, so that no stop of the hub leaves it wrong. */
export function requestState(facts: Facts): RequestState {
  const { request, key, releases, askedHeight, isRefused, isCompleted, isReplaced, nowMs } = facts;
  if (isCompleted) return "completed";
  if (isRefused) return "refused";
  if (isReplaced) return "replaced";
  if (nowMs > request.expiresMs) return "expired";
  if (askedHeight === undefined) return "sent";
  const good = releases.filter(({ isBad }) => !isBad).map(({ place }) => place);
  const { custodians, commitments } = key;
  return isApproved({ threshold: commitments.length, custodians }, good) ? "ready" : "open";
}
