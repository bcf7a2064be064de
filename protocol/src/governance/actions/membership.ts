import { Fault } from "../../faults.ts";
import { equalBytes } from "../../hex.ts";
import { MAX_NAME_BYTES } from "../../ledger/enrolment.ts";
import { inKeyOrder, type Validator } from "../../ledger/validators.ts";
import { type InForce, MAX_VALIDATORS } from "../in-force.ts";
import { type GovernanceAction, SEALING } from "./governance-action.ts";

const PUBLIC_KEY_BYTES = 33;
const MAX_HEARTBEAT_BYTES = 1_024;

/** A node that has synced becomes a validator. */
export interface Addition {
  readonly type: "add";
  readonly publicKey: Uint8Array;
  readonly name: string;
  /**
   * A STATUS message signed by the key that joins. It proves that somebody holds the key, how far that
   * node has synced, and that it is on this chain (besu#8307).
   */
  readonly heartbeat: Uint8Array;
}

/** A validator leaves; its node may go on following. */
export interface Removal {
  readonly type: "remove";
  readonly publicKey: Uint8Array;
}

/** One key takes the place of another. */
export interface Replacement {
  readonly type: "replace";
  readonly publicKey: Uint8Array;
  readonly joiningKey: Uint8Array;
  readonly name: string;
  /** Signed by the joining key; see `Addition`. */
  readonly heartbeat: Uint8Array;
}

export type MembershipAction = Addition | Removal | Replacement;

/** `[publicKey, name, heartbeat]` */
export const addition: GovernanceAction<Addition> = {
  ...{ number: 1, type: "add", family: "membership", slot: () => SEALING },
  ...{ check: checkMembership, apply: applyMembership },
  write(writer, { publicKey, name, heartbeat }) {
    writer.array(3).bytes(publicKey).text(name).bytes(heartbeat);
  },
  read(reader) {
    reader.tuple("add", 3);
    const publicKey = reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES);
    const name = named(reader.text("name", MAX_NAME_BYTES));
    return {
      type: "add",
      publicKey,
      name,
      heartbeat: reader.bytes("heartbeat", MAX_HEARTBEAT_BYTES),
    };
  },
};

/** `[publicKey]` */
export const removal: GovernanceAction<Removal> = {
  ...{ number: 2, type: "remove", family: "membership", slot: () => SEALING },
  ...{ check: checkMembership, apply: applyMembership },
  write(writer, { publicKey }) {
    writer.array(1).bytes(publicKey);
  },
  read(reader) {
    reader.tuple("remove", 1);
    return { type: "remove", publicKey: reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES) };
  },
};

/** `[publicKey, joiningKey, name, heartbeat]` */
export const replacement: GovernanceAction<Replacement> = {
  ...{ number: 3, type: "replace", family: "membership", slot: () => SEALING },
  ...{ check: checkMembership, apply: applyMembership },
  write(writer, { publicKey, joiningKey, name, heartbeat }) {
    writer.array(4).bytes(publicKey).bytes(joiningKey).text(name).bytes(heartbeat);
  },
  read(reader) {
    reader.tuple("replace", 4);
    const publicKey = reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES);
    const joiningKey = reader.fixedBytes("joiningKey", PUBLIC_KEY_BYTES);
    const name = named(reader.text("name", MAX_NAME_BYTES));
    const heartbeat = reader.bytes("heartbeat", MAX_HEARTBEAT_BYTES);
    return { type: "replace", publicKey, joiningKey, name, heartbeat };
  },
};

/** The key that enters the set, if one does. */
export function joiningKeyOf(action: { readonly type: string }): Uint8Array | undefined {
  if (!isMembership(action) || action.type === "remove") return undefined;
  return action.type === "add" ? action.publicKey : action.joiningKey;
}

/** The key that leaves the set, if one does. */
export function leavingKeyOf(action: { readonly type: string }): Uint8Array | undefined {
  return isMembership(action) && action.type !== "add" ? action.publicKey : undefined;
}

export function isMembership(action: { readonly type: string }): action is MembershipAction {
  return action.type === "add" || action.type === "remove" || action.type === "replace";
}

export function hasKey(validators: readonly Validator[], key: Uint8Array): boolean {
  return validators.some(({ publicKey }) => equalBytes(publicKey, key));
}

/** The set after the change. */
export function changedValidators(
  validators: readonly Validator[],
  action: MembershipAction,
): readonly Validator[] {
  const leaving = leavingKeyOf(action);
  const staying = validators.filter(
    ({ publicKey }) => leaving === undefined || !equalBytes(publicKey, leaving),
  );
  if (action.type === "remove") return staying;
  const publicKey = action.type === "add" ? action.publicKey : action.joiningKey;
  return inKeyOrder([...staying, { publicKey, name: action.name }]);
}

/** The hard part of the guard, equal on every node: never no validator, no key twice. */
function checkMembership({ membership }: InForce, action: MembershipAction): Fault | undefined {
  const { validators } = membership;
  const leaving = leavingKeyOf(action);
  const joining = joiningKeyOf(action);
  if (leaving !== undefined && !hasKey(validators, leaving)) {
    return new Fault("PROPOSAL_UNFIT", "the key is no validator's");
  }
  if (joining !== undefined && hasKey(validators, joining)) {
    return new Fault("PROPOSAL_UNFIT", "the key is a validator's already");
  }
  const n = validators.length + Number(joining !== undefined) - Number(leaving !== undefined);
  if (n < 1) return new Fault("PROPOSAL_UNFIT", "the last validator cannot be removed");
  if (n <= MAX_VALIDATORS) return undefined;
  return new Fault("PROPOSAL_UNFIT", `at most ${MAX_VALIDATORS} validators`);
}

function applyMembership(inForce: InForce, action: MembershipAction, fromHeight: number): InForce {
  const validators = changedValidators(inForce.membership.validators, action);
  return { ...inForce, membership: { changedAtHeight: fromHeight - 1, validators } };
}

function named(name: string): string {
  if (name === "") throw new Fault("PROPOSAL_SHAPE", "who joins has a name");
  return name;
}
