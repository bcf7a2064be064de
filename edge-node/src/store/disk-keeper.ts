import { asFault, type FaultCode } from "@gridledger/protocol/faults";
import type { FileUse } from "./block-pruning.ts";

/** Blocks that a node keeps whatever its cap: what peers ask for when they were away for a while. */
export const MIN_KEPT_BLOCKS = 64;
const LOOK_MS = 5_000;
/** Pruning begins above the first share of the cap and ends below the second. */
const HIGH = 0.9;
const LOW = 0.8;
/** Between two steps others come first. */
const PAUSE_MS = 20;
/** Less free room in the file than this is not worth moving pages. */
const MIN_FREE_BYTES = 4_194_304;
const MIN_FREE_SHARE = 0.2;
/** An archive that is this far behind is still one: it only has not said so yet. */
const ARCHIVE_LAG_BLOCKS = 64;

export interface DiskLimits {
  /** All of the node's files together; undefined where it is not limited. */
  readonly maxDiskBytes: number | undefined;
  /** Blocks below the newest so many are pruned; undefined keeps all that the cap allows. */
  readonly keepBlocks: number | undefined;
}

interface DiskKeeperDeps {
  readonly store: {
    readonly firstHeight: number;
    use(): Promise<FileUse>;
    pruneStep(belowHeight: number): Promise<boolean>;
    compactStep(): Promise<boolean>;
  };
  /** Bytes of the node's files beside the database. */
  readonly otherBytes: () => Promise<number>;
  readonly headHeight: () => number;
  /** Up to here an archive has confirmed that it holds every block; undefined where none has. */
  readonly archivedHeight: () => number | undefined;
  readonly sleep: (ms: number) => Promise<void>;
  /** What people should know has changed. */
  readonly onWarning: () => void;
  readonly log: {
    info(data: object, message: string): void;
    error(data: object, message: string): void;
  };
}

/**
 * Keeps a node's files under their cap: prunes old blocks, but never one that no archive has
 * confirmed to hold, and compacts the file a little at a time (DESIGN §11). Where it may not prune it
 * says so instead of losing anything.
 */
export class DiskKeeper {
  readonly #deps: DiskKeeperDeps;
  readonly #limits: DiskLimits;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> | undefined;
  #isStopped = false;
  #warning: FaultCode | undefined;

  constructor(deps: DiskKeeperDeps, limits: DiskLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  get warning(): FaultCode | undefined {
    return this.#warning;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  /** Resolves when the step that is under way is done. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#work;
  }

  /** Looks once and does what is due. */
  look(): Promise<void> {
    this.#work ??= this.#keep()
      .catch((thrown: unknown) => {
        const { code, message } = asFault(thrown);
        this.#deps.log.error({ code, detail: message }, "disk: cannot prune");
      })
      .finally(() => {
        this.#work = undefined;
      });
    return this.#work;
  }

  async #keep(): Promise<void> {
    const { store, log } = this.#deps;
    const before = store.firstHeight;
    this.#warn(await this.#prune());
    if (store.firstHeight > before) {
      log.info(
        { firstHeight: store.firstHeight, blocks: store.firstHeight - before },
        "disk: pruned",
      );
    }
    await this.#compact();
  }

  /** What stands in the way of the limits, if anything does. */
  async #prune(): Promise<FaultCode | undefined> {
    const { store } = this.#deps;
    const { keepBlocks, maxDiskBytes = Number.POSITIVE_INFINITY } = this.#limits;
    const head = this.#deps.headHeight();
    const newest = head - MIN_KEPT_BLOCKS + 1;
    const archived = (this.#deps.archivedHeight() ?? 0) + 1;
    const wanted = keepBlocks === undefined ? 1 : Math.min(newest, head - keepBlocks + 1);
    await this.#pruneTo(Math.min(wanted, archived));
    if ((await this.#bytes()) > maxDiskBytes * HIGH) {
      const limit = Math.min(newest, archived);
      while (!this.#isStopped && (await this.#bytes()) > maxDiskBytes * LOW) {
        if (store.firstHeight >= limit) break;
        await this.#pruneTo(Math.min(limit, store.firstHeight + MIN_KEPT_BLOCKS));
      }
    }
    const isOver = (await this.#bytes()) > maxDiskBytes * HIGH;
    if (archived < store.firstHeight) return "ARCHIVE_MISSING"; // it has lost what only it had
    if (isOver && archived < newest) return "ARCHIVE_MISSING";
    if (wanted > archived + ARCHIVE_LAG_BLOCKS) return "ARCHIVE_MISSING";
    return isOver ? "DISK_CAP_TIGHT" : undefined;
  }

  async #pruneTo(height: number): Promise<void> {
    const { store, sleep } = this.#deps;
    while (!this.#isStopped && store.firstHeight < height) {
      if (!(await store.pruneStep(height))) return;
      await sleep(PAUSE_MS);
    }
  }

  async #compact(): Promise<void> {
    const { store, sleep } = this.#deps;
    const { usedBytes, freeBytes } = await store.use();
    const isLimited =
      this.#limits.maxDiskBytes !== undefined || this.#limits.keepBlocks !== undefined;
    const share = isLimited ? 0.02 : MIN_FREE_SHARE;
    if (freeBytes < Math.min(MIN_FREE_BYTES, 0.1 * usedBytes) || freeBytes < share * usedBytes)
      return;
    while (!this.#isStopped && (await store.compactStep())) await sleep(PAUSE_MS);
  }

  /** What the files would take when they are compacted. */
  async #bytes(): Promise<number> {
    const { usedBytes } = await this.#deps.store.use();
    return usedBytes + (await this.#deps.otherBytes());
  }

  #warn(warning: FaultCode | undefined): void {
    if (warning === this.#warning) return;
    this.#warning = warning;
    const { log, store, onWarning } = this.#deps;
    if (warning !== undefined) {
      log.error({ code: warning, ...this.#limits, firstHeight: store.firstHeight }, "disk: alarm");
    }
    onWarning();
  }
}
