import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import {
  joiningKeyOf,
  type MembershipAction,
} from "@gridledger/protocol/governance/actions/membership";
import { roleMoves } from "@gridledger/protocol/governance/role-moves";
import { formatHex } from "@gridledger/protocol/hex";
import { checkStanding } from "@gridledger/protocol/ledger/standing";
import { identities } from "@gridledger/protocol/ledger/state";
import type { Effect } from "./effect.ts";

/** Who joins is a candidate of the channel first; roles move with the set. */
export const membership: Effect<MembershipAction> = {
  check({ suite }, state, action) {
    const joining = joiningKeyOf(action);
    if (joining === undefined) return undefined;
    const id = identityId(suite.hash, joining);
    const role = state.get(identities, id)?.role;
    if (role === "candidate") return checkStanding(state, id);
    const is = role === undefined ? "not enrolled" : `a ${role}`;
    return new Fault("PROPOSAL_UNFIT", `${formatHex(id)} is ${is}; enrol it as a candidate first`);
  },
  write({ suite }, state, action) {
    for (const { publicKey, role, name } of roleMoves(action)) {
      const id = identityId(suite.hash, publicKey);
      const known = state.get(identities, id);
      if (known === undefined) continue; // a validator of the genesis always is; so is a candidate
      state.set(identities, id, { ...known, role, publicKey, name: name ?? known.name });
    }
  },
};
