import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { MAX_NAME_BYTES } from "../ledger/enrolment.ts";
import type { Chain } from "../ledger/genesis.ts";
import type { StateTable } from "../ledger/state.ts";
import type { Validator } from "../ledger/validators.ts";
import { decodeProposal, encodeProposal, type Proposal } from "./proposal.ts";

export const MAX_VALIDATORS = 128;
export const MAX_OPEN_PROPOSALS = 64;
const PUBLIC_KEY_BYTES = 33;
/** The tables have one entry each. */
const ONLY = "";

/** The set that seals the next block. */
export interface Membership {
  /** Height of the block that changed it last; 0 for the genesis. */
  readonly changedAtHeight: number;
  /** In the order of their keys. */
  readonly validators: readonly Validator[];
}

/** A proposal that waits for approvals. */
export interface OpenProposal {
  readonly id: Uint8Array;
  readonly proposal: Proposal;
  /** Public keys of those who said yes, the proposer first. */
  readonly approvals: readonly Uint8Array[];
  /** How high the joining validator has proven to be; 0 where none joins. */
  readonly syncedHeight: number;
}

export interface GovernanceState {
  readonly membership: Membership;
  /** Oldest first. */
  readonly open: readonly OpenProposal[];
}

/** `v/` → `[changedAtHeight, [[publicKey, name] …]]`; absent while the set is the genesis' own. */
export const memberships: StateTable<typeof ONLY, Membership> = {
  keyOf: (name) => `v/${name}`,
  encode({ changedAtHeight, validators }) {
    const writer = new CborWriter(16 + validators.length * 64).array(2).uint(changedAtHeight);
    writer.array(validators.length);
    for (const { publicKey, name } of validators) writer.array(2).bytes(publicKey).text(name);
    return writer.finish();
  },
  decode(encoded) {
    const reader = new CborReader(encoded);
    reader.tuple("membership", 2);
    const changedAtHeight = reader.uint("changedAtHeight");
    const validators: Validator[] = [];
    for (let left = reader.array("validators", MAX_VALIDATORS); left > 0; left--) {
      reader.tuple("validator", 2);
      const publicKey = reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES);
      validators.push({ publicKey, name: reader.text("name", MAX_NAME_BYTES) });
    }
    reader.end();
    return { changedAtHeight, validators };
  },
};

/** `g/` → `[[id, proposal, [publicKey …], syncedHeight] …]`. */
export const openProposals: StateTable<typeof ONLY, readonly OpenProposal[]> = {
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

interface Reader {
  get<Name, Value>(table: StateTable<Name, Value>, name: Name): Value | undefined;
}

export function genesisGovernance({ validators }: Pick<Chain, "validators">): GovernanceState {
  return { membership: { changedAtHeight: 0, validators }, open: [] };
}

export function membershipOf(chain: Chain, state: Reader): Membership {
  return state.get(memberships, ONLY) ?? genesisGovernance(chain).membership;
}

export function readGovernance(chain: Chain, state: Reader): GovernanceState {
  return { membership: membershipOf(chain, state), open: state.get(openProposals, ONLY) ?? [] };
}

interface Writer {
  set<Name, Value>(table: StateTable<Name, Value>, name: Name, value: Value): void;
}

/** Writes what has changed and nothing else, so that a vote does not write the set. */
export function writeGovernance(
  state: Writer,
  before: GovernanceState,
  after: GovernanceState,
): void {
  if (after.membership !== before.membership) state.set(memberships, ONLY, after.membership);
  if (after.open !== before.open) state.set(openProposals, ONLY, after.open);
}
