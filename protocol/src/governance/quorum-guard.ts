import { equalBytes } from "../hex.ts";
import { faultTolerance, quorum } from "../ledger/validators.ts";
import { changedValidators, isMembership } from "./actions/membership.ts";
import type { Action } from "./actions/table.ts";

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

/** A change that is wanted or approved. */
export interface PlannedChange {
  readonly action: Action;
  /** The first height for which it counts. */
  readonly fromHeight: number;
  /** Whether the validator that joins is there now; of no meaning where none does. */
  readonly isJoinerOnline: boolean;
}

interface Council {
  readonly seats: readonly Seat[];
  /** Approvals that the change needs. */
  readonly votes: number;
  /** Approved changes that wait for their heights, ascending. */
  readonly planned: readonly PlannedChange[];
}

/**
 * What a change would do to a running chain, before anybody submits it. Removing one node while others
 * are down has stopped chains for good, without a word (FISCO-BCOS#3876). Changes that are approved for
 * later heights are counted with it: two that are harmless alone can stop a chain together.
 */
export function forecast(council: Council, change: PlannedChange): Forecast {
  const { seats, votes } = council;
  const before = strengthOf(seats);
  const steps = stepsFrom(council, change);
  const worst = steps.find(({ seats: then }) => !runs(strengthOf(then))) ?? steps[0]!;
  const after = strengthOf(worst.seats);
  const verdict = judge(before, after, votes);
  const at = worst.fromHeight === change.fromHeight ? "" : ` from height ${worst.fromHeight} on`;
  return {
    ...{ before, after, verdict },
    reason: `${reasonOf(verdict, after, votes)}${at}`,
    safeOrder: verdict === "stops-chain" ? safeOrder(seats, change, worst.fromHeight) : [],
  };
}

interface Step {
  readonly fromHeight: number;
  readonly seats: readonly Seat[];
}

/** The seats once the change counts, and after every approved change that follows it. */
function stepsFrom({ seats, planned }: Council, change: PlannedChange): readonly Step[] {
  const isBefore = ({ fromHeight }: PlannedChange) => fromHeight <= change.fromHeight;
  const earlier = planned.filter(isBefore);
  let then = [...earlier, change].reduce(seatsAfter, seats);
  const steps: Step[] = [{ fromHeight: change.fromHeight, seats: then }];
  for (const later of planned.filter((other) => !isBefore(other))) {
    then = seatsAfter(then, later);
    steps.push({ fromHeight: later.fromHeight, seats: then });
  }
  return steps;
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
  { action, isJoinerOnline }: PlannedChange,
): readonly Seat[] {
  if (!isMembership(action)) return seats;
  return changedValidators(seats, action).map(({ publicKey, name }) => {
    const known = seats.find((seat) => equalBytes(seat.publicKey, publicKey));
    return known ?? { publicKey, name, online: isJoinerOnline };
  });
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
  change: PlannedChange,
  stopsAtHeight: number,
): readonly string[] {
  const wanted = wordsOf(seats, change.action);
  if (stopsAtHeight !== change.fromHeight) {
    return [`wait until the change of height ${stopsAtHeight} is in force and judge again`, wanted];
  }
  const steps: string[] = [];
  let left = seats;
  for (const seat of seats.filter(({ online }) => !online)) {
    if (isTarget(seat, change.action)) continue;
    const fewer = left.filter((other) => other !== seat);
    if (!runs(strengthOf(left)) || !runs(strengthOf(fewer))) break;
    left = fewer;
    steps.push(`remove ${seat.name}, which is offline`);
    if (runs(strengthOf(seatsAfter(left, change)))) return [...steps, wanted];
  }
  const { action, isJoinerOnline } = change;
  if ((action.type === "add" || action.type === "replace") && !isJoinerOnline) {
    return [`bring ${action.name} online and let it sync`, wanted];
  }
  const { online, quorum: needed } = strengthOf(seatsAfter(seats, change));
  return [`bring ${Math.max(1, needed - online)} more validator(s) online`, wanted];
}

function isTarget(seat: Seat, action: Action): boolean {
  return isMembership(action) && equalBytes(seat.publicKey, action.publicKey);
}

function wordsOf(seats: readonly Seat[], action: Action): string {
  if (!isMembership(action)) return action.type;
  if (action.type === "add") return `add ${action.name}`;
  return `${action.type} ${seats.find((seat) => isTarget(seat, action))?.name ?? "it"}`;
}
