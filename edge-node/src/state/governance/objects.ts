import { Fault } from "@gridledger/protocol/faults";
import type { Amendment, Erasure } from "@gridledger/protocol/governance/actions/data";
import { formatHex } from "@gridledger/protocol/hex";
import { type ObjectState, objectTable } from "@gridledger/protocol/objects/object-table";
import type { StateReader } from "../state-view.ts";
import type { Effect } from "./effect.ts";

/** The object as it is there to be changed, or why it is not. */
function standing(state: StateReader, root: Uint8Array): ObjectState | Fault {
  const known = state.get(objectTable, root);
  if (known === undefined) return new Fault("OBJECT_UNKNOWN", `${formatHex(root)} is not on chain`);
  if (known.erasedHeight === undefined) return known;
  return new Fault("OBJECT_ERASED", `${formatHex(root)} is erased from ${known.erasedHeight} on`);
}

/** Guide §9.1 a): what was stays, and says what took its place. */
export const amendment: Effect<Amendment> = {
  check(_chain, state, { root, successor }) {
    const before = standing(state, root);
    if (before instanceof Fault) return before;
    if (before.successor !== undefined) {
      const by = formatHex(before.successor);
      return new Fault("PROPOSAL_UNFIT", `it is superseded already, by ${by}: amend that one`);
    }
    const after = standing(state, successor);
    if (after instanceof Fault) return after;
    // Or two objects could supersede each other.
    if (after.successor === undefined) return undefined;
    return new Fault("PROPOSAL_UNFIT", "the successor is superseded itself");
  },
  write(_chain, state, { root, successor }) {
    const known = state.get(objectTable, root);
    if (known !== undefined) state.set(objectTable, root, { ...known, successor });
  },
};

/** Guide §9.1 b): from this height on nobody may hold the bytes. */
export const erasure: Effect<Erasure> = {
  check(_chain, state, { root }) {
    const known = standing(state, root);
    return known instanceof Fault ? known : undefined;
  },
  write(_chain, state, { root }, height) {
    const known = state.get(objectTable, root);
    if (known !== undefined) state.set(objectTable, root, { ...known, erasedHeight: height });
  },
};
