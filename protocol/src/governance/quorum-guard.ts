import { equalBytes } from "../hex.ts";
import { faultTolerance, quorum } from "../ledger/validators.ts";
import { type GovernancePolicy, votesNeeded } from "./policy.ts";
import { joiningKeyOf, leavingKeyOf, type Proposal } from "./proposal.ts";

/** A validator as the caller sees it. `online` is a hint: only rules that need none bind validators. */
export interface Seat {
  readonly publicKey: Uint8Array;
  readonly name: string;
  readonly online: boolean;
}

interface Strength {
  readonly validators: number;
  readonly online: number;
  readonly quorum: number;
  readonly faultTolerance: number;
}

/**
 * `safe` · `no-reserve`: the chain goes on, and one more loss stops it · `cannot-pass`: too few are
 * online to approve it · `stops-chain`: too few of the validators after it are online.
 */
export type Verdict = "safe" | "no-reserve" | "cannot-pass" | "stops-chain";

export interface Forecast {
  readonly before: Strength;
  readonly after: Strength;
  readonly verdict: Verdict;
  readonly reason: string;
  /** What to do instead, in this order; empty where the change itself may be made. */
  readonly safeOrder: readonly string[];
}

type Change = Pick<Proposal, "operation" | "publicKey" | "joiningKey" | "name">;

/**
 * What a change of the validators would do to a running chain, before anybody submits it. Removing one
 * node while others are down has stopped chains for good, without a word (FISCO-BCOS#3876).
 *
 * @param joinerOnline whether the validator that joins is there now
 */
export function forecast(
  seats: readonly Seat[],
  policy: GovernancePolicy,
  change: Change,
  joinerOnline: boolean,
): Forecast {
  const before = strengthOf(seats);
  const after = strengthOf(seatsAfter(seats, change, joinerOnline));
  const verdict = judge(before, after, votesNeeded(policy, seats.length, change.operation));
  const isRefused = verdict === "stops-chain";
  return {
    ...{ before, after, verdict },
    reason: reasonOf(verdict, after, votesNeeded(policy, seats.length, change.operation)),
    safeOrder: isRefused ? safeOrder(seats, change, joinerOnline) : [],
  };
}

function strengthOf(seats: readonly Seat[]): Strength {
  const validators = seats.length;
  return {
    validators,
    online: seats.filter(({ online }) => online).length,
    quorum: quorum(validators),
    faultTolerance: faultTolerance(validators),
  };
}

function seatsAfter(
  seats: readonly Seat[],
  change: Change,
  joinerOnline: boolean,
): readonly Seat[] {
  const proposal = { ...change, heartbeat: new Uint8Array(0), expiresAtHeight: 0 };
  const leaving = leavingKeyOf(proposal);
  const joining = joiningKeyOf(proposal);
  const staying = seats.filter(
    ({ publicKey }) => leaving === undefined || !equalBytes(publicKey, leaving),
  );
  if (joining === undefined) return staying;
  return [...staying, { publicKey: joining, name: change.name, online: joinerOnline }];
}

function runs({ validators, online, quorum: needed }: Strength): boolean {
  return validators > 0 && online >= needed;
}

function judge(before: Strength, after: Strength, votes: number): Verdict {
  if (!runs(after)) return "stops-chain";
  if (!runs(before) || before.online < votes) return "cannot-pass";
  return after.online === after.quorum ? "no-reserve" : "safe";
}

function reasonOf(verdict: Verdict, after: Strength, votes: number): string {
  const { validators, online, quorum: needed } = after;
  const there = `${online} of ${validators} validators would be online, ${needed} are needed`;
  if (verdict === "stops-chain") return `it would stop the chain: ${there}`;
  if (verdict === "cannot-pass") return `too few validators are online to approve it (${votes})`;
  if (verdict === "no-reserve") return `${there}: losing any one of them would stop the chain`;
  return there;
}

/** Those who are down leave first: their seats only raise the quorum. */
function safeOrder(
  seats: readonly Seat[],
  change: Change,
  joinerOnline: boolean,
): readonly string[] {
  const wanted = `${change.operation} ${nameOf(seats, change)}`;
  const steps: string[] = [];
  let left = seats;
  const isTarget = ({ publicKey }: Seat) => equalBytes(publicKey, change.publicKey);
  for (const seat of seats.filter(({ online }) => !online)) {
    if (isTarget(seat)) continue;
    const fewer = left.filter((other) => other !== seat);
    if (!runs(strengthOf(left)) || !runs(strengthOf(fewer))) break;
    left = fewer;
    steps.push(`remove ${seat.name}, which is offline`);
    if (runs(strengthOf(seatsAfter(left, change, joinerOnline)))) return [...steps, wanted];
  }
  if (change.operation !== "remove" && !joinerOnline) {
    return [`bring ${change.name} online and let it sync`, wanted];
  }
  const { online, quorum: needed } = strengthOf(seatsAfter(seats, change, joinerOnline));
  return [`bring ${Math.max(1, needed - online)} more validator(s) online`, wanted];
}

function nameOf(seats: readonly Seat[], { operation, publicKey, name }: Change): string {
  if (operation === "add") return name;
  return seats.find((seat) => equalBytes(seat.publicKey, publicKey))?.name ?? "it";
}
