import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { MAX_NAME_BYTES } from "../ledger/enrolment.ts";

const PUBLIC_KEY_BYTES = 33;
const MAX_HEARTBEAT_BYTES = 1_024;
const MAX_PROPOSAL_BYTES = 2_048;

/** What a proposal does to the validator set. Numbers are never reused. */
const operations = { add: 1, remove: 2, replace: 3 } as const;

export type MembershipOperation = keyof typeof operations;

const names = new Map<number, MembershipOperation>(
  (Object.entries(operations) as [MembershipOperation, number][]).map(([name, n]) => [n, name]),
);

/**
 * One change of the validator set (guide §4.2.2 a, b):
 * `[operation, publicKey, joiningKey, name, heartbeat, expiresAtHeight]`. The hash of these bytes is
 * the proposal's id, so whoever approves an id approves exactly this content.
 */
export interface Proposal {
  readonly operation: MembershipOperation;
  /** The validator that leaves; for `add` the one that joins. */
  readonly publicKey: Uint8Array;
  /** For `replace` the key that takes its place; empty otherwise. */
  readonly joiningKey: Uint8Array;
  /** Name of the validator that joins; empty for `remove`. */
  readonly name: string;
  /**
   * A STATUS message signed by the key that joins; empty for `remove`. It proves both that somebody
   * holds the key and how far that node has synced (besu#8307).
   */
  readonly heartbeat: Uint8Array;
  /** The last height at which it can be executed. */
  readonly expiresAtHeight: number;
}

export function encodeProposal(proposal: Proposal): Uint8Array {
  return new CborWriter(512)
    .array(6)
    .uint(operations[proposal.operation])
    .bytes(proposal.publicKey)
    .bytes(proposal.joiningKey)
    .text(proposal.name)
    .bytes(proposal.heartbeat)
    .uint(proposal.expiresAtHeight)
    .finish();
}

/** @throws Fault CBOR_*, PROPOSAL_SHAPE when a field does not belong to the operation */
export function decodeProposal(encoded: Uint8Array): Proposal {
  const reader = new CborReader(encoded, MAX_PROPOSAL_BYTES);
  reader.tuple("proposal", 6);
  const operation = names.get(reader.uint("operation"));
  if (operation === undefined) throw new Fault("PROPOSAL_SHAPE", "unknown operation");
  const proposal: Proposal = {
    operation,
    publicKey: reader.fixedBytes("publicKey", PUBLIC_KEY_BYTES),
    joiningKey: reader.bytes("joiningKey", PUBLIC_KEY_BYTES),
    name: reader.text("name", MAX_NAME_BYTES),
    heartbeat: reader.bytes("heartbeat", MAX_HEARTBEAT_BYTES),
    expiresAtHeight: reader.uint("expiresAtHeight"),
  };
  reader.end();
  checkFields(proposal);
  return proposal;
}

function checkFields({ operation, joiningKey, name, heartbeat }: Proposal): void {
  const keyBytes = operation === "replace" ? PUBLIC_KEY_BYTES : 0;
  const joins = operation !== "remove";
  if (joiningKey.length !== keyBytes || (name !== "") !== joins || heartbeat.length > 0 !== joins) {
    throw new Fault("PROPOSAL_SHAPE", `the fields are not those of "${operation}"`);
  }
}

/** The key that enters the set, if one does. */
export function joiningKeyOf(proposal: Proposal): Uint8Array | undefined {
  if (proposal.operation === "remove") return undefined;
  return proposal.operation === "add" ? proposal.publicKey : proposal.joiningKey;
}

/** The key that leaves the set, if one does. */
export function leavingKeyOf(proposal: Proposal): Uint8Array | undefined {
  return proposal.operation === "add" ? undefined : proposal.publicKey;
}
