import { asFault, Fault } from "@gridledger/protocol/faults";
import type { SealedBlock } from "../chain/ledger.ts";
import type { OpenedBlocks } from "../chain/sealed-block.ts";
import { Slice, type SliceDeps } from "../chain/slice.ts";
import type { Page } from "./range-window.ts";

/** Who has taken so much in one run is far behind: other threads are worth their memory. */
const FAR_BYTES = 262_144;
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

export interface PageImporterDeps extends SliceDeps {
  readonly headHeight: () => number;
  /** Decodes blocks and does the slow checks, with other threads where the node is far behind. */
  readonly open: (blocks: readonly Uint8Array[], isFar: boolean) => Promise<OpenedBlocks>;
  /** Checks everything and makes the block ours; false when it is already. */
  readonly import: (sealed: SealedBlock) => boolean;
  /** Resolves when what was imported is on disk. */
  readonly stored: () => Promise<void>;
}

/** Makes pages part of the chain, no faster than the disk takes them, and counts a way to the tip. */
export class PageImporter {
  readonly #deps: PageImporterDeps;
  readonly #opened = new WeakMap<Page, Promise<OpenedBlocks>>();
  #isStopped = false;
  #unstoredBytes = 0;
  /** Since when and from where on this node catches up. */
  #run: { readonly fromHeight: number; readonly startedMs: number; bytes: number } | undefined;

  constructor(deps: PageImporterDeps) {
    this.#deps = deps;
  }

  /** Opens pages whose turn comes soon, where the node is far behind. */
  ahead(pages: readonly Page[]): void {
    if (this.#isFar) for (const page of pages) void this.#open(page);
  }

  /** What is wrong with the page, or undefined when all of it is in the chain. */
  async take(page: Page): Promise<Fault | undefined> {
    const { headHeight, stored } = this.#deps;
    const { fromHeight, blocks, bytes } = page;
    try {
      await this.#import(await this.#open(page));
      if (this.#isStopped) return undefined;
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

  get #isFar(): boolean {
    return (this.#run?.bytes ?? 0) >= FAR_BYTES;
  }

  #open(page: Page): Promise<OpenedBlocks> {
    const known = this.#opened.get(page);
    if (known !== undefined) return known;
    const opened = this.#deps.open(page.blocks, this.#isFar);
    // What goes wrong is told when it is the page's turn.
    opened.catch(() => undefined);
    this.#opened.set(page, opened);
    return opened;
  }

  async #import({ sealed, fault }: OpenedBlocks): Promise<void> {
    const slice = new Slice(this.#deps);
    for (const block of sealed) {
      if (this.#isStopped) return;
      this.#deps.import(block);
      if (slice.isOver) await slice.rest();
    }
    if (fault !== undefined) throw fault;
  }
}
