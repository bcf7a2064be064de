import type { CborReader } from "../../cbor/reader.ts";
import type { CborWriter } from "../../cbor/writer.ts";
import { Fault } from "../../faults.ts";
import { copyChange } from "./copies.ts";
import { amendment, erasure } from "./data.ts";
import { engineChange } from "./engine.ts";
import type { GovernanceAction } from "./governance-action.ts";
import { addition, removal, replacement } from "./membership.ts";
import { policyChange } from "./policy.ts";
import { suiteChange } from "./suite.ts";

/** Everything that is decided by vote. One action is one file in this folder and one name here. */
const actions = [
  ...([addition, removal, replacement, policyChange, engineChange, suiteChange] as const),
  ...([amendment, erasure] as const),
  copyChange,
] as const;

export type Action = ReturnType<(typeof actions)[number]["read"]>;

export type ActionType = Action["type"];

/** The action of one type. */
export type ActionOf<T extends ActionType> = Extract<Action, { readonly type: T }>;

// A rule is only ever called with an action of its own type, which the type system cannot follow.
const byType = new Map<string, GovernanceAction<Action>>(
  actions.map((rule) => [rule.type, rule as unknown as GovernanceAction<Action>]),
);

const byNumber = new Map([...byType.values()].map((rule) => [rule.number, rule]));

/** What an action of this type is and does. */
export function ruleOf({ type }: { readonly type: ActionType }): GovernanceAction<Action> {
  return byType.get(type)!;
}

/** `number, fields`: two CBOR items. */
export function writeAction(writer: CborWriter, action: Action): CborWriter {
  const rule = ruleOf(action);
  rule.write(writer.uint(rule.number), action);
  return writer;
}

/** @throws Fault CBOR_*, PROPOSAL_SHAPE */
export function readAction(reader: CborReader): Action {
  const number = reader.uint("action");
  const rule = byNumber.get(number);
  if (rule === undefined) throw new Fault("PROPOSAL_SHAPE", `unknown action ${number}`);
  return rule.read(reader);
}
