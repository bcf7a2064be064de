import {
  changedValidators,
  hasKey,
  type MembershipAction,
} from "@gridledger/protocol/governance/actions/membership";
import {
  quorum,
  type Validator,
  type ValidatorSet,
  validatorsHash,
} from "@gridledger/protocol/ledger/validators";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";

const operations = ["add", "remove", "replace"] as const;
/** No transaction of a meter is this short. */
const VOTE_BYTES = 8;

/** A change of the validators by machine number. */
export interface SimChange {
  readonly operation: (typeof operations)[number];
  /** Who leaves; for `add` who joins. */
  readonly subject: number;
  /** Who takes the place at `replace`; else the subject again. */
  readonly joining: number;
  /** Keeps two votes for the same change apart. */
  readonly number: number;
}

/** The part of the simulated state that decides who seals the next block. */
export interface SimMembership {
  readonly set: ValidatorSet;
  /** Voters for each open change, in hex of the change. */
  readonly votes: ReadonlyMap<string, ReadonlySet<number>>;
}

export function validatorOf(machine: number): Validator {
  return { publicKey: fakeSigner(machine).publicKey, name: `v${machine}` };
}

/** The machine behind a validator's key. */
export function machineOf({ publicKey }: Validator): number {
  return (publicKey[1] ?? 0) - 1;
}

export function membershipOf(
  validators: readonly Validator[],
  hash: Uint8Array = validatorsHash(fakeSuite.hash, validators),
): SimMembership {
  return { set: { validators, hash }, votes: new Map() };
}

/** One validator's yes, as a transaction. */
export function encodeVote(
  { operation, subject, joining, number }: SimChange,
  voter: number,
): Uint8Array {
  const code = operations.indexOf(operation);
  return Uint8Array.of(0x56, code, subject, joining, number >> 8, number & 0xff, voter, 0);
}

/** What the change makes of the set; undefined where it does not fit. */
export function afterChange(
  validators: readonly Validator[],
  change: SimChange,
): readonly Validator[] | undefined {
  const subject = validatorOf(change.subject);
  const joining = validatorOf(change.joining);
  const leaves = change.operation !== "add";
  const joins = change.operation !== "remove";
  if (hasKey(validators, subject.publicKey) !== leaves) return undefined;
  if (joins && hasKey(validators, joining.publicKey)) return undefined;
  const after = changedValidators(validators, actionOf(change.operation, subject, joining));
  return after.length === 0 ? undefined : after;
}

function actionOf(
  type: SimChange["operation"],
  { publicKey, name }: Validator,
  joining: Validator,
): MembershipAction {
  // Whether the candidate has synced is for the one who proposes it to see.
  const heartbeat = new Uint8Array();
  if (type === "add") return { type, publicKey, name, heartbeat };
  if (type === "remove") return { type, publicKey };
  return { type, publicKey, joiningKey: joining.publicKey, name: joining.name, heartbeat };
}

/** The state after the block: at most one change, once two thirds of the validators want it. */
export function applyVotes(before: SimMembership, bodies: readonly Uint8Array[]): SimMembership {
  const ballots = bodies.filter(({ length }) => length === VOTE_BYTES);
  if (ballots.length === 0) return before;
  const { validators } = before.set;
  const votes = new Map(before.votes);
  let after: readonly Validator[] | undefined;
  for (const ballot of ballots) {
    const voter = ballot[6] ?? 0;
    if (!validators.some((validator) => machineOf(validator) === voter)) continue;
    const key = Buffer.from(ballot.subarray(0, 6)).toString("hex");
    const voters = new Set([...(votes.get(key) ?? []), voter]);
    votes.set(key, voters);
    if (after !== undefined || voters.size < quorum(validators.length)) continue;
    after = afterChange(validators, decodeChange(ballot));
    if (after !== undefined) votes.delete(key);
  }
  return after === undefined ? { ...before, votes } : membershipOf(after);
}

function decodeChange(ballot: Uint8Array): SimChange {
  const [, code = 0, subject = 0, joining = 0, high = 0, low = 0] = ballot;
  return { operation: operations[code] ?? "add", subject, joining, number: (high << 8) | low };
}
