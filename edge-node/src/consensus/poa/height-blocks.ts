import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { RoundChange } from "@gridledger/protocol/messages/round-change";
import { BlockShelf } from "./block-shelf.ts";
import { BodyFetcher } from "./body-fetcher.ts";
import type { HeightParts } from "./height-parts.ts";
import { justify } from "./justification.ts";
import { namedBlock } from "./proposed-block.ts";

type Named = { readonly blockHash: Uint8Array } | null | undefined;

/** The blocks of one height: those that its next steps can need, and the fetching of their bodies. */
export class HeightBlocks {
  readonly shelf: BlockShelf;
  readonly #parts: HeightParts;
  readonly #fetcher: BodyFetcher;
  readonly #own: () => readonly Named[];

  /** `own` gives the candidate of the round and the block that this node has seen prepared. */
  constructor(parts: HeightParts, own: () => readonly Named[]) {
    this.#parts = parts;
    this.#own = own;
    this.#fetcher = new BodyFetcher(parts.electorate, parts.emit);
    this.shelf = new BlockShelf(parts.context.blocks, this.#fetcher, (hash) => this.#isInUse(hash));
  }

  /** Answers are overdue: bodies are asked for again, from somebody else. */
  askAgain(): void {
    this.#fetcher.askAgain();
  }

  /** Whether a block that a quorum stands behind passes here. */
  isExecutable(blockHash: Uint8Array, round: number): boolean {
    const verdict = this.shelf.execute(blockHash, round, false);
    if (verdict instanceof Fault) {
      // A quorum stands behind what this node computes differently, or a relay mangled its hashes.
      this.#parts.emit({ type: "alarm", code: verdict.code, detail: verdict.message });
    }
    return verdict === "valid";
  }

  /** A round change carries the prepared block for a proposer that never saw it; kept when it is needed. */
  preparedOf({ from, block, prepared }: RoundChange): ReturnType<typeof namedBlock> | undefined {
    const known = this.#parts.ballot.roundChanges.of(from)?.certificate ?? null;
    if (block === null || prepared === null || known === null) return undefined;
    const blockHash = this.#parts.context.suite.hash(block.encodedHeader);
    const isProven =
      equalBytes(blockHash, prepared.blockHash) && equalBytes(blockHash, known.blockHash);
    return isProven && this.#isInUse(blockHash) ? namedBlock(block, blockHash) : undefined;
  }

  /** Candidate, own prepared, highest prepared of the others. */
  #isInUse(blockHash: Uint8Array): boolean {
    const { prepared } = justify(this.#parts.ballot.roundChanges.all);
    const inUse = [...this.#own(), prepared];
    return inUse.some((block) => block != null && equalBytes(block.blockHash, blockHash));
  }
}
