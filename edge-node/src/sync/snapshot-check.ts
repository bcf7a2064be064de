import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { ValidatorHistory } from "@gridledger/protocol/ledger/handover";
import { type Header, headerHash } from "@gridledger/protocol/ledger/header";
import { isStatePart, rootOfParts } from "@gridledger/protocol/merkle/state-parts";
import type { SnapshotOutline, SnapshotPart } from "@gridledger/protocol/messages/snapshot";

/** An outline that is proven: its parts, and no others, are the state of this block. */
export interface ProvenOutline {
  readonly header: Header;
  readonly hash: Uint8Array;
  readonly outline: SnapshotOutline;
}

/**
 * Walks from the genesis over the handovers to the set that sealed the header, and from the parts to
 * the header's state root.
 *
 * @throws Fault SNAPSHOT_INVALID
 */
export function proveOutline(chain: Chain, outline: SnapshotOutline): ProvenOutline {
  const { encodedHeader, seal, handovers, parts } = outline;
  const { hash } = chain.suite;
  const history = new ValidatorHistory(chain);
  let header: Header;
  try {
    history.learn(handovers);
    header = history.verify(encodedHeader, seal);
  } catch (thrown) {
    const fault = asFault(thrown);
    throw new Fault("SNAPSHOT_INVALID", fault.message, { cause: fault });
  }
  if (!equalBytes(rootOfParts(hash, parts), header.stateRoot)) {
    throw new Fault("SNAPSHOT_INVALID", `the parts are not the state of block ${header.height}`);
  }
  return { header, hash: headerHash(hash, encodedHeader), outline };
}

/** @throws Fault SNAPSHOT_INVALID unless the entries are exactly those of the outline's part */
export function checkPart(chain: Chain, proven: ProvenOutline, part: SnapshotPart): void {
  const { depth, parts } = proven.outline;
  const { index, entries } = part;
  const expected = parts[index];
  const isRight =
    expected !== undefined && isStatePart(chain.suite.hash, { depth, index }, expected, entries);
  if (!isRight) throw new Fault("SNAPSHOT_INVALID", `part ${index} is not the outline's`);
}
