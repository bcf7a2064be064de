import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { StateTable } from "../ledger/state.ts";
import { MAX_VALIDATORS } from "./in-force.ts";
import { decodeProposal, encodeProposal, type Proposal } from "./proposal.ts";
import type { Only } from "./tables.ts";

export const MAX_OPEN_PROPOSALS = 64;
export const MAX_SCHEDULED = 64;
const PUBLIC_KEY_BYTES = 33;

/** A proposal that waits for approvals. */
export interface OpenProposal {
  readonly id: Uint8Array;
  readonly proposal: Proposal;
  /** Public keys of those who said yes, the proposer first. */
  readonly approvals: readonly Uint8Array[];
  /** How high the joining validator has proven to be; 0 where none joins. */
  readonly syncedHeight: number;
}

/** A change that is approved and waits for its height. */
export interface ScheduledChange {
  readonly id: Uint8Array;
  readonly proposal: Proposal;
  /** The first height for which it counts; it comes into force at the end of the block before. */
  readonly fromHeight: number;
}

/** `g/` → `[[id, proposal, [publicKey …], syncedHeight] …]`. */
export const openProposals: StateTable<Only, readonly OpenProposal[]> = {
  keyOf: (name) => `g/${name}`,
  encode(open) {
    const writer = new CborWriter(512).array(open.length);
    for (const { id, proposal, approvals, syncedHeight } of open) {
      writer.array(4).bytes(id).raw(encodeProposal(proposal)).array(approvals.length);
      for (const publicKey of approvals) writer.bytes(publicKey);
      writer.uint(syncedHeight);
    }
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    const open: OpenProposal[] = [];
    for (let left = reader.array("proposals", MAX_OPEN_PROPOSALS); left > 0; left--) {
      reader.tuple("open", 4);
      const id = reader.fixedBytes("id", 32);
      const proposal = decodeProposal(reader.raw("proposal"));
      const approvals: Uint8Array[] = [];
      for (let more = reader.array("approvals", MAX_VALIDATORS); more > 0; more--) {
        approvals.push(reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES));
      }
      open.push({ id, proposal, approvals, syncedHeight: reader.uint("syncedHeight") });
    }
    reader.end();
    return open;
  },
};

/** `g/s` → `[[id, proposal, fromHeight] …]`, ascending by height, then as they were approved. */
export const scheduledChanges: StateTable<Only, readonly ScheduledChange[]> = {
  keyOf: (name) => `g/s${name}`,
  encode(scheduled) {
    const writer = new CborWriter(512).array(scheduled.length);
    for (const { id, proposal, fromHeight } of scheduled) {
      writer.array(3).bytes(id).raw(encodeProposal(proposal)).uint(fromHeight);
    }
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    const scheduled: ScheduledChange[] = [];
    for (let left = reader.array("scheduled", MAX_SCHEDULED); left > 0; left--) {
      reader.tuple("change", 3);
      const id = reader.fixedBytes("id", 32);
      const proposal = decodeProposal(reader.raw("proposal"));
      scheduled.push({ id, proposal, fromHeight: reader.uint("fromHeight") });
    }
    reader.end();
    return scheduled;
  },
};
