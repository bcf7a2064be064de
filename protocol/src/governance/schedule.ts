import { Fault } from "../faults.ts";
import { ruleOf } from "./actions/table.ts";
import { MAX_SCHEDULED, type ScheduledChange } from "./ballot-tables.ts";
import type { InForce } from "./in-force.ts";

/** What will be in force at a height, by the changes that are approved. */
export function projected(
  inForce: InForce,
  scheduled: readonly ScheduledChange[],
  height: number,
): InForce {
  let then = inForce;
  for (const { proposal, fromHeight } of scheduled) {
    if (fromHeight > height) break;
    then = ruleOf(proposal.action).apply(then, proposal.action, fromHeight);
  }
  return then;
}

/** In the order in which they take effect; at one height, as they were approved. */
export function inserted(
  scheduled: readonly ScheduledChange[],
  change: ScheduledChange,
): readonly ScheduledChange[] {
  const at = scheduled.findIndex(({ fromHeight }) => fromHeight > change.fromHeight);
  return at < 0 ? [...scheduled, change] : scheduled.toSpliced(at, 0, change);
}

/**
 * Why a change cannot join those that are approved: it does not fit what will be in force then, or one
 * that comes after it would not fit any more.
 */
export function misfit(
  inForce: InForce,
  scheduled: readonly ScheduledChange[],
  change: ScheduledChange,
): Fault | undefined {
  let then = inForce;
  for (const each of inserted(scheduled, change)) {
    const { action } = each.proposal;
    const rule = ruleOf(action);
    const fault = rule.check(then, action);
    if (fault !== undefined && each === change) return fault;
    if (fault !== undefined) {
      return new Fault(
        "SCHEDULE_CONFLICT",
        `the approved "${action.type}" for height ${each.fromHeight} would not fit any more: ${fault.message}`,
        { cause: fault },
      );
    }
    then = rule.apply(then, action, each.fromHeight);
  }
  return undefined;
}

/** Why the change cannot take effect together with another at its height. */
export function collision(
  scheduled: readonly ScheduledChange[],
  { proposal, fromHeight }: ScheduledChange,
): Fault | undefined {
  const { action } = proposal;
  const slot = ruleOf(action).slot(action);
  const isRival = (other: ScheduledChange) =>
    other.fromHeight === fromHeight &&
    ruleOf(other.proposal.action).slot(other.proposal.action) === slot;
  const rival = scheduled.find(isRival);
  if (rival === undefined) {
    if (scheduled.length < MAX_SCHEDULED) return undefined;
    return new Fault("PROPOSAL_LIMIT", `${MAX_SCHEDULED} approved changes wait for their heights`);
  }
  const detail = `"${rival.proposal.action.type}" takes effect at height ${fromHeight} too`;
  const isSoon = proposal.effectiveAtHeight === 0;
  return new Fault(isSoon ? "GOVERNANCE_BUSY" : "SCHEDULE_CONFLICT", detail);
}
