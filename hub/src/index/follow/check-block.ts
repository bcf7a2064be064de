import { Fault } from "@gridledger/protocol/faults";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { equalBytes } from "@gridledger/protocol/hex";
import { finalityRule } from "@gridledger/protocol/ledger/finality";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeHeader, type Header, headerHash } from "@gridledger/protocol/ledger/header";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import type { ValidatorSet } from "@gridledger/protocol/ledger/validators";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";

/** A header whose seal makes it final; its place after a parent is not yet looked at. */
export interface SealedHeader {
  readonly header: Header;
  readonly encodedHeader: Uint8Array;
  readonly hash: Uint8Array;
  readonly seal: Seal;
}

/** A final block that follows the one before and whose transactions are exactly the header's. */
export interface CheckedBlock extends SealedHeader {
  readonly transactions: readonly Uint8Array[];
  /** Over the transactions' hashes, for receipts. */
  readonly tree: MerkleTree;
  readonly txHashes: readonly Uint8Array[];
  /** What was decided by vote and came into force with the block. */
  readonly executed: readonly Action[];
}

interface Parent {
  readonly height: number;
  readonly hash: Uint8Array;
  /** Unknown right after a start. */
  readonly header?: Header;
}

/**
 * Proves by the seal alone that a header is final on this chain, `set` being the validators of its height. Whoever brought it does not matter.
 *
 * @throws Fault CBOR_*, BLOCK_INVALID, SEAL_INVALID
 */
export function checkSeal(
  chain: Chain,
  set: ValidatorSet,
  encodedHeader: Uint8Array,
  seal: Seal,
): SealedHeader {
  const header = decodeHeader(encodedHeader);
  checkSet(header, set);
  const hash = headerHash(chain.suite.hash, encodedHeader);
  finalityRule(chain).verify([set], { header, blockHash: hash }, seal);
  return { header, encodedHeader, hash, seal };
}

/** @throws Fault BLOCK_INVALID unless the header names this set */
export function checkSet(header: Header, { hash }: ValidatorSet): void {
  if (!equalBytes(header.validatorsHash, hash)) {
    throw new Fault("BLOCK_INVALID", `block ${header.height} names another validator set`);
  }
}

/** @throws Fault BLOCK_INVALID, WORK_* unless the block follows `parent` */
export function checkParent(chain: Chain, sealed: SealedHeader, parent: Parent): void {
  const { header } = sealed;
  if (header.height !== parent.height + 1) {
    throw new Fault("BLOCK_INVALID", `block ${header.height} does not follow ${parent.height}`);
  }
  if (!equalBytes(header.parentHash, parent.hash)) {
    throw new Fault("BLOCK_INVALID", `block ${header.height} has another parent`);
  }
  if (parent.header === undefined) return;
  finalityRule(chain).verifyStep(parent.header, { header, blockHash: sealed.hash });
}

/** The tree over the hashes. @throws Fault BLOCK_INVALID unless they are exactly the header's */
export function checkHashes(
  chain: Chain,
  { header }: SealedHeader,
  txHashes: readonly Uint8Array[],
): MerkleTree {
  const tree = new MerkleTree(chain.suite.hash, txHashes);
  if (txHashes.length !== header.txCount || !equalBytes(tree.root, header.txRoot)) {
    throw new Fault(
      "BLOCK_INVALID",
      `the transactions of block ${header.height} are not its header's`,
    );
  }
  return tree;
}
