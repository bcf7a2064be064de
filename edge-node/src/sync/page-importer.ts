import { asFault, Fault } from "@gridledger/protocol/faults";
import type { SealedBlock } from "../chain/ledger.ts";
import type { Page } from "./range-window.ts";

/** Imported and not on disk yet: more is not taken before it is. */
const MAX_UNSTORED_BYTES = 1_048_576;

/** One way from behind to the tip. */
export interface CatchUp {
  readonly fromHeight: number;
  readonly toHeight: number;
  /** Encoded blocks. */
  readonly bytes: number;
  readonly ms: number;
}

export interface PageImporterDeps {
  readonly headHeight: () => number;
  /** Decodes a block and does the slow checks. */
  readonly open: (encoded: Uint8Array) => Promise<SealedBlock>;
  /** Checks everything and makes the block ours; false when it is already. */
  readonly import: (sealed: SealedBlock) => boolean;
  /** Resolves when what was imported is on disk. */
  readonly stored: () => Promise<void>;
  /** Monotonic time in ms. */
  readonly clock: () => number;
}

/** Makes pages part of the chain, no faster than the disk takes them, and counts a way to the tip. */
export class PageImporter {
  readonly #deps: PageImporterDeps;
  #isStopped = false;
  #unstoredBytes = 0;
  /** Since when and from where on this node catches up. */
  #run: { readonly fromHeight: number; readonly startedMs: number; bytes: number } | undefined;

  constructor(deps: PageImporterDeps) {
    this.#deps = deps;
  }

  /** What is wrong with the page, or undefined when all of it is in the chain. */
  async take({ fromHeight, blocks, bytes }: Page): Promise<Fault | undefined> {
    const { open, import: take, headHeight, stored } = this.#deps;
    try {
      for (const encoded of blocks) {
        const sealed = await open(encoded);
        if (this.#isStopped) return undefined;
        take(sealed);
      }
      if (headHeight() < fromHeight + blocks.length - 1) {
        return new Fault("BLOCK_INVALID", "other blocks than asked for");
      }
    } catch (thrown) {
      return asFault(thrown);
    }
    if (this.#run !== undefined) this.#run.bytes += bytes;
    this.#unstoredBytes += bytes;
    if (this.#unstoredBytes >= MAX_UNSTORED_BYTES) {
      this.#unstoredBytes = 0;
      await stored();
    }
    return undefined;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** The node is behind and asks. */
  begin(): void {
    const { clock, headHeight } = this.#deps;
    this.#run ??= { fromHeight: headHeight() + 1, startedMs: clock(), bytes: 0 };
  }

  /** Nobody has more: what the way was, where there was one. */
  end(): CatchUp | undefined {
    const run = this.#run;
    if (run === undefined) return undefined;
    this.#run = undefined;
    const { fromHeight, startedMs, bytes } = run;
    const { clock, headHeight } = this.#deps;
    return { fromHeight, toHeight: headHeight(), bytes, ms: Math.round(clock() - startedMs) };
  }
}
