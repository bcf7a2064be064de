import { PAGE_BLOCKS, PAGE_BYTES } from "@gridledger/protocol/messages/block-pages";

/** Blocks that came and wait for those before them. */
export interface Page {
  readonly peer: string;
  readonly fromHeight: number;
  readonly blocks: readonly Uint8Array[];
  readonly bytes: number;
}

export interface Range {
  readonly fromHeight: number;
  readonly toHeight: number;
}

interface RangeWindowOptions {
  /** Bytes that may be on the way or wait at once; a node's memory and the broker's patience. */
  readonly maxBytes: number;
}

/**
 * Which heights are to be asked for, which are on the way and which wait for their turn. A range that
 * failed or was answered in part comes again before anything new. Pure: no peer, no time.
 */
export class RangeWindow {
  readonly #options: RangeWindowOptions;
  /** To be asked again, ascending. */
  #gaps: Range[] = [];
  readonly #pages = new Map<number, Page>();
  /** The next height that was never asked for. */
  #next = 1;
  #onTheWay = 0;
  #waitingBytes = 0;
  /** Of a block, over the last pages. */
  #meanBytes: number | undefined;

  constructor(options: RangeWindowOptions) {
    this.#options = options;
  }

  /** Bytes on the way, as far as they can be foretold, and waiting. */
  get bytes(): number {
    return this.#onTheWay * PAGE_BYTES + this.#waitingBytes;
  }

  /** The head has moved: forgets what is below. */
  onHead(height: number): void {
    this.#next = Math.max(this.#next, height + 1);
    this.#gaps = this.#gaps
      .filter(({ toHeight }) => toHeight > height)
      .map((gap) => (gap.fromHeight > height ? gap : { ...gap, fromHeight: height + 1 }));
    for (const page of this.#pages.values()) {
      if (page.fromHeight + page.blocks.length - 1 <= height) this.#drop(page);
    }
  }

  /** The next range worth asking for up to `highest`; undefined while there is enough. */
  peek(highest: number, head: number): Range | undefined {
    const [gap] = this.#gaps;
    const fromHeight = gap?.fromHeight ?? this.#next;
    if (fromHeight > highest) return undefined;
    // What the chain waits for is asked for however full the window is.
    const isUrgent = fromHeight === head + 1;
    const isFull = this.bytes + PAGE_BYTES > this.#options.maxBytes;
    // Without an idea of the size of a block one page is enough.
    const isBlind = this.#meanBytes === undefined && this.#onTheWay > 0;
    if (!isUrgent && (isFull || isBlind)) return undefined;
    const toHeight = Math.min(gap?.toHeight ?? highest, fromHeight + this.#pageBlocks - 1);
    return { fromHeight, toHeight };
  }

  /** The range that `peek` gave is on its way. */
  take({ fromHeight, toHeight }: Range): void {
    this.#onTheWay++;
    const [gap] = this.#gaps;
    if (gap?.fromHeight !== fromHeight) this.#next = toHeight + 1;
    else if (gap.toHeight === toHeight) this.#gaps.shift();
    else this.#gaps[0] = { fromHeight: toHeight + 1, toHeight: gap.toHeight };
  }

  /** The same range is on its way a second time. */
  takeAgain(): void {
    this.#onTheWay++;
  }

  /** Nothing came for it. */
  giveBack(range: Range, head: number): void {
    this.#onTheWay--;
    this.#again(range, head);
  }

  /** A page of at least one block came for the range. */
  put(range: Range, page: Page, head: number): void {
    this.#onTheWay--;
    const mean = page.bytes / page.blocks.length;
    this.#meanBytes = this.#meanBytes === undefined ? mean : (this.#meanBytes + mean) / 2;
    const last = page.fromHeight + page.blocks.length - 1;
    this.#again({ fromHeight: last + 1, toHeight: range.toHeight }, head);
    // Of two answers the first is as good as the second.
    if (last <= head || this.#pages.has(page.fromHeight)) return;
    this.#pages.set(page.fromHeight, page);
    this.#waitingBytes += page.bytes;
  }

  /** Takes out the page that continues the chain. */
  takePage(head: number): Page | undefined {
    const page = this.#pages.get(head + 1) ?? this.#covering(head + 1);
    if (page !== undefined) this.#drop(page);
    return page;
  }

  /** The pages that wait and follow a height without a gap, at most so many. */
  following(height: number, count: number): Page[] {
    const pages: Page[] = [];
    let next = height + 1;
    while (pages.length < count) {
      const page = this.#pages.get(next) ?? this.#covering(next);
      if (page === undefined) break;
      pages.push(page);
      next = page.fromHeight + page.blocks.length;
    }
    return pages;
  }

  /** Everything of a peer that lied is asked for again. */
  forget(peer: string, head: number): void {
    for (const page of [...this.#pages.values()]) {
      if (page.peer !== peer) continue;
      this.#drop(page);
      const { fromHeight } = page;
      this.#again({ fromHeight, toHeight: fromHeight + page.blocks.length - 1 }, head);
    }
  }

  /** To be asked for again after its import failed. */
  again(range: Range, head: number): void {
    this.#again(range, head);
  }

  /** Blocks that probably fit into a page. */
  get #pageBlocks(): number {
    const count = Math.floor(PAGE_BYTES / (this.#meanBytes ?? 1));
    return Math.min(PAGE_BLOCKS, Math.max(1, count));
  }

  /** Neighbours become one: many small requests take as long as many large ones. */
  #again(range: Range, head: number): void {
    const fromHeight = Math.max(range.fromHeight, head + 1);
    if (fromHeight > range.toHeight) return;
    const ascending = [...this.#gaps, { fromHeight, toHeight: range.toHeight }];
    ascending.sort((a, b) => a.fromHeight - b.fromHeight);
    this.#gaps = [];
    for (const gap of ascending) {
      const last = this.#gaps.at(-1);
      if (last === undefined || gap.fromHeight > last.toHeight + 1) this.#gaps.push(gap);
      else if (gap.toHeight > last.toHeight) {
        this.#gaps[this.#gaps.length - 1] = { ...last, toHeight: gap.toHeight };
      }
    }
  }

  #covering(height: number): Page | undefined {
    for (const page of this.#pages.values()) {
      if (page.fromHeight <= height && page.fromHeight + page.blocks.length > height) return page;
    }
    return undefined;
  }

  #drop(page: Page): void {
    if (this.#pages.delete(page.fromHeight)) this.#waitingBytes -= page.bytes;
  }
}
