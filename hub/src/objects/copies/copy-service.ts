import type { CopyPolicy } from "@gridledger/protocol/copies/copy-policy";
import { formatHex } from "@gridledger/protocol/hex";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { CopyAudit } from "./copy-audit.ts";
import type { CopyHolders } from "./copy-holders.ts";
import type { CopyKeeper } from "./copy-keeper.ts";
import type { CopyTable } from "./copy-table.ts";

const TICK_MS = 5_000;
const PAGE_OBJECTS = 256;
const MAX_UNERASED = 64;

/** How the objects of the channel are kept, by the last look at all of them. */
export interface CopySummary {
  /** Copies of each object beside the hub's own, by class. */
  readonly wanted: CopyPolicy;
  readonly objects: number;
  /** Objects with fewer copies than the rule wants. */
  readonly underReplicated: number;
  /** Copies by how they stand. */
  readonly copies: Readonly<Record<string, number>>;
  /** Unix time in ms of that look; null before the first. */
  readonly lookedMs: number | null;
}

interface ServiceDeps {
  readonly keeper: Pick<CopyKeeper, "tend">;
  readonly audit: Pick<CopyAudit, "run">;
  readonly table: CopyTable;
  readonly holders: CopyHolders;
  /** Says on the chain which stores this hub has. */
  readonly declare: () => Promise<void>;
  /** Heard of the chain and caught up with it. */
  readonly isReady: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

interface ServiceOptions {
  /** Copies that are challenged every five seconds: the I/O budget. */
  readonly auditsPerTick: number;
}

interface Pass {
  objects: number;
  underReplicated: number;
}

/** Looks after all copies by itself: what is new at once, everything else in turn. */
export class CopyService {
  readonly #deps: ServiceDeps;
  readonly #options: ServiceOptions;
  readonly #waiting = new Map<string, Uint8Array>();
  #work: Promise<void> = Promise.resolve();
  #cancel: () => void = () => {};
  #isStopped = false;
  #cursor = new Uint8Array(0);
  #pass: Pass = { objects: 0, underReplicated: 0 };
  #last: Pass | undefined;
  #lookedMs: number | null = null;
  /** Who was there when the pass began; another set moves copies. */
  #present = "";
  #isFull = true;

  constructor(deps: ServiceDeps, options: ServiceOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#deps.clock.after(TICK_MS, () => {
      void this.tick().then(() => this.#isStopped || this.start());
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#work;
  }

  /** Sees to this object soon. */
  wake(root: Uint8Array): void {
    this.#waiting.set(formatHex(root), root);
    void this.#then(() => this.#drain());
  }

  /** One round; also by itself every five seconds. */
  tick(): Promise<void> {
    return this.#then(async () => {
      await this.#deps.declare();
      await this.#drain();
      for (const root of await this.#deps.table.unerased(MAX_UNERASED)) await this.#tend(root);
      await this.#look();
      await this.#deps.audit.run(this.#options.auditsPerTick);
    });
  }

  async summary(): Promise<CopySummary> {
    const { objects, underReplicated } = this.#last ?? this.#pass;
    const copies = await this.#deps.table.counts();
    const lookedMs = this.#lookedMs;
    const wanted = await this.#deps.holders.policy();
    return { wanted, objects, underReplicated, copies, lookedMs };
  }

  async #drain(): Promise<void> {
    for (const [name, root] of this.#waiting) {
      if (this.#isStopped) return;
      this.#waiting.delete(name);
      await this.#tend(root);
    }
  }

  async #look(): Promise<void> {
    await this.#noticePresence();
    const all = sameOfAll(await this.#deps.holders.policy());
    const page = await this.#deps.table.page(this.#cursor, PAGE_OBJECTS);
    for (const { root, held, isTroubled } of page) {
      if (this.#isStopped) return;
      const isFine = held === all && !isTroubled && !this.#isFull;
      const found = isFine ? { held, wanted: held } : await this.#tend(root);
      this.#pass.objects++;
      if (found.held < found.wanted) this.#pass.underReplicated++;
    }
    const last = page.at(-1);
    if (page.length === PAGE_OBJECTS && last !== undefined)
      this.#cursor = new Uint8Array(last.root);
    else this.#endPass();
  }

  #endPass(): void {
    this.#last = this.#pass;
    this.#lookedMs = this.#deps.clock.now();
    this.#pass = { objects: 0, underReplicated: 0 };
    this.#cursor = new Uint8Array(0);
    this.#isFull = false;
  }

  /** Who comes, goes, or is lost moves copies: everything is looked at anew. */
  async #noticePresence(): Promise<void> {
    const { holders } = this.#deps;
    const there = (await holders.all()).filter((holder) => !holders.isLost(holder));
    const present = there.map(({ called, capacityBytes }) => `${called}=${capacityBytes}`).join();
    if (present === this.#present) return;
    this.#present = present;
    this.#pass = { objects: 0, underReplicated: 0 };
    this.#cursor = new Uint8Array(0);
    this.#isFull = true;
  }

  #tend(root: Uint8Array): ReturnType<CopyKeeper["tend"]> {
    return this.#deps.keeper.tend(root);
  }

  /** One after the other; a failure is told and stops nothing. */
  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#work
      .then(() => (this.#isStopped || !this.#deps.isReady() ? undefined : work()))
      .catch((thrown: unknown) => {
        this.#deps.log.error({ err: thrown }, "copies could not be looked after; trying again");
      });
    this.#work = done;
    return done;
  }
}

/** Where classes differ, each object is looked at. */
function sameOfAll(policy: CopyPolicy): number | undefined {
  const [first, ...others] = Object.values(policy);
  return others.every((one) => one === first) ? first : undefined;
}
