import type { Role } from "../ledger/roles.ts";
import { joiningKeyOf, leavingKeyOf, type Proposal } from "./proposal.ts";

interface RoleMove {
  readonly publicKey: Uint8Array;
  readonly role: Extract<Role, "validator" | "candidate">;
  /** The name that a joining validator gets; undefined keeps it. */
  readonly name: string | undefined;
}

/** What an executed change does to the identities: who leaves may go on following. */
export function roleMoves(executed: Proposal): readonly RoleMove[] {
  const leaving = leavingKeyOf(executed);
  const joining = joiningKeyOf(executed);
  const moves: RoleMove[] = [];
  if (leaving) moves.push({ publicKey: leaving, role: "candidate", name: undefined });
  if (joining) moves.push({ publicKey: joining, role: "validator", name: executed.name });
  return moves;
}
