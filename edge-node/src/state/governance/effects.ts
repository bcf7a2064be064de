import type { Action, ActionOf, ActionType } from "@gridledger/protocol/governance/actions/table";
import { copies } from "./copies.ts";
import { type Effect, noEffect } from "./effect.ts";
import { membership } from "./membership.ts";
import { amendment, erasure } from "./objects.ts";

/** One effect for each action of `protocol/governance/actions`; the compiler says which is missing. */
const effects: { readonly [T in ActionType]: Effect<ActionOf<T>> } = {
  add: membership,
  remove: membership,
  replace: membership,
  policy: noEffect,
  engine: noEffect,
  suite: noEffect,
  amendment,
  erasure,
  copies,
};

export function effectOf({ type }: Action): Effect<Action> {
  // Called with an action of its own type only, which the type system cannot follow.
  return effects[type] as Effect<Action>;
}
