import type { Role } from "../ledger/roles.ts";
import { isMembership, joiningKeyOf, leavingKeyOf } from "./actions/membership.ts";
import type { Action } from "./actions/table.ts";

interface RoleMove {
  readonly publicKey: Uint8Array;
  readonly role: Extract<Role, "validator" | "candidate">;
  /** The name that a joining validator gets; undefined keeps it. */
  readonly name: string | undefined;
}

/** What a change that is in force does to the identities: who leaves may go on following. */
export function roleMoves(action: Action): readonly RoleMove[] {
  if (!isMembership(action)) return [];
  const leaving = leavingKeyOf(action);
  const joining = joiningKeyOf(action);
  const moves: RoleMove[] = [];
  if (leaving) moves.push({ publicKey: leaving, role: "candidate", name: undefined });
  if (joining && action.type !== "remove") {
    moves.push({ publicKey: joining, role: "validator", name: action.name });
  }
  return moves;
}
