import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { formatHex } from "@gridledger/protocol/hex";
import type { Validator } from "@gridledger/protocol/ledger/validators";
import {
  encodeGetMinedBlocks,
  type GetMinedBlocks,
} from "@gridledger/protocol/messages/get-mined-blocks";
import { encodeMinedBlock } from "@gridledger/protocol/messages/mined-block";
import type { Action, ConsensusContext } from "../ports.ts";
import type { WaitingBlock } from "./waiting-blocks.ts";
import { hashKey, type SignedBlock, type WorkTree } from "./work-tree.ts";

const MAX_ANSWERED = 64;

/** What this node says to the others: its blocks, its tip, and which blocks it misses. */
export class Gossip {
  readonly #context: ConsensusContext;
  readonly #tree: WorkTree;
  readonly #emit: (action: Action) => void;
  #publishers: readonly string[] = [];
  /** Sent since the last look at the clock: nothing is repeated within it. */
  readonly #sent = new Set<string>();

  constructor(context: ConsensusContext, tree: WorkTree, emit: (action: Action) => void) {
    this.#context = context;
    this.#tree = tree;
    this.#emit = emit;
  }

  setValidators(validators: readonly Validator[]): void {
    const { hash } = this.#context.suite;
    this.#publishers = validators.map(({ publicKey }) => formatHex(identityId(hash, publicKey)));
  }

  /** Some time has passed: what was said may be said again. */
  onTick(): void {
    this.#sent.clear();
  }

  /** The tip, for whoever missed it or works on a weaker one. */
  announce(): void {
    const { best } = this.#tree;
    if (best !== undefined) this.send(best);
  }

  send({ block, signature }: SignedBlock): void {
    const key = hashKey(block.blockHash);
    if (this.#sent.has(key)) return;
    this.#sent.add(key);
    const { encodedHeader, txHashes } = block;
    const bytes = encodeMinedBlock({ encodedHeader, signature, txHashes });
    this.#emit({ type: "broadcast", lane: "p", bytes });
  }

  /** Asks for the parent of a block, and for what is before it. */
  ask({ block, publisher }: WaitingBlock): void {
    const to = this.#publishers.indexOf(publisher);
    if (to < 0) return;
    const { parentHash } = block.header;
    const bytes = encodeGetMinedBlocks({
      to,
      blockHash: parentHash,
      aboveHeight: this.#tree.rootHeight,
    });
    this.#emit({ type: "broadcast", lane: "r", bytes });
  }

  answer({ to, blockHash, aboveHeight }: GetMinedBlocks): void {
    const { signer, suite } = this.#context;
    if (signer === undefined) return;
    if (this.#publishers[to] !== formatHex(identityId(suite.hash, signer.publicKey))) return;
    const node = this.#tree.get(hashKey(blockHash));
    if (node === undefined) return;
    const path = this.#tree.pathTo(node).filter(({ height }) => height > aboveHeight);
    for (const found of path.slice(-MAX_ANSWERED)) this.send(found);
  }
}
