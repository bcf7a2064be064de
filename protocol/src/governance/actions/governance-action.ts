import type { CborReader } from "../../cbor/reader.ts";
import type { CborWriter } from "../../cbor/writer.ts";
import type { Fault } from "../../faults.ts";
import type { InForce } from "../in-force.ts";
import type { ActionFamily } from "../policy.ts";

/**
 * One kind of change that validators decide by vote: how its fields are written and what it does to what
 * is in force. Pure. What it does to the rest of the state is its effect in the edge node.
 */
export interface GovernanceAction<A extends { readonly type: string }> {
  /** On the wire; never reused. */
  readonly number: number;
  readonly type: A["type"];
  /** Whose policy counts its votes. */
  readonly family: ActionFamily;
  /** One CBOR item. */
  write(writer: CborWriter, action: A): void;
  /** Reads that item and checks all that needs no state. @throws Fault CBOR_*, PROPOSAL_SHAPE */
  read(reader: CborReader): A;
  /** What only one change may touch at one height. */
  slot(action: A): string;
  /** Why it cannot be made on what will be in force when it takes effect. */
  check(inForce: InForce, action: A): Fault | undefined;
  /** What is in force once it counts, `fromHeight` being the first height for which it does. */
  apply(inForce: InForce, action: A, fromHeight: number): InForce;
}

/** One slot for all that changes who seals a block, or how. */
export const SEALING = "sealing";
