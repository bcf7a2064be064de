import type { Hash } from "@gridledger/protocol/crypto/suite";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { ReceiptBlock, ReceiptLeaf } from "./receipt-publisher.ts";

/** Resent transactions are collected this long, so that a block's tree is built once for many. */
const COLLECT_MS = 500;
const MAX_COLLECTED = 1_024;
/** A transaction's receipt is not sent again sooner. */
const MIN_INTERVAL_MS = 5_000;
const MAX_REMEMBERED = 65_536;

interface ResenderDeps {
  readonly hash: Hash;
  readonly clock: Clock;
  readonly log: Log;
  readonly blocks: { byHeight(height: number): Promise<Omit<ReceiptBlock, "tree"> | undefined> };
  readonly transactions: {
    heightOf(hash: Uint8Array): Promise<number | undefined>;
    leavesOf(height: number): Promise<{ readonly hash: Uint8Array; readonly sender: string }[]>;
  };
  readonly publisher: { publish(block: ReceiptBlock, leaves: readonly ReceiptLeaf[]): void };
}

/**
 * A sender that sends a final transaction again has missed its receipt: it gets it once more, so that
 * it stops. How often is bounded, whoever asks.
 */
export class ReceiptResender {
  readonly #deps: ResenderDeps;
  #collected = new Map<string, Uint8Array>();
  readonly #sentMs = new Map<string, number>();
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ResenderDeps) {
    this.#deps = deps;
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    await this.#running;
  }

  /** A transaction arrived that may be final. */
  note(hash: Uint8Array): void {
    const name = Buffer.from(hash).toString("latin1");
    const sentMs = this.#sentMs.get(name) ?? Number.NEGATIVE_INFINITY;
    if (this.#deps.clock.now() - sentMs < MIN_INTERVAL_MS) return;
    if (this.#collected.size >= MAX_COLLECTED) return;
    this.#collected.set(name, hash);
    this.#cancel ??= this.#deps.clock.after(COLLECT_MS, () => {
      this.#cancel = undefined;
      this.#running = this.#send().catch((thrown: unknown) =>
        this.#deps.log.warn({ err: thrown }, "receipts could not be sent again"),
      );
    });
  }

  async #send(): Promise<void> {
    const collected = this.#collected;
    this.#collected = new Map();
    const byHeight = new Map<number, Set<string>>();
    for (const [name, hash] of collected) {
      const height = await this.#deps.transactions.heightOf(hash);
      if (height === undefined) continue;
      this.#remember(name);
      byHeight.set(height, (byHeight.get(height) ?? new Set()).add(name));
    }
    for (const [height, names] of byHeight) await this.#sendBlock(height, names);
  }

  async #sendBlock(height: number, names: ReadonlySet<string>): Promise<void> {
    const { blocks, hash, publisher, transactions } = this.#deps;
    const block = await blocks.byHeight(height);
    if (block === undefined) return;
    const leaves = await transactions.leavesOf(height);
    const tree = new MerkleTree(
      hash,
      leaves.map((leaf) => leaf.hash),
    );
    const wanted = leaves
      .map((leaf, index) => ({ ...leaf, index }))
      .filter((leaf) => names.has(Buffer.from(leaf.hash).toString("latin1")));
    publisher.publish({ ...block, tree }, wanted);
  }

  #remember(name: string): void {
    this.#sentMs.delete(name);
    this.#sentMs.set(name, this.#deps.clock.now());
    if (this.#sentMs.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#sentMs.keys()) {
      this.#sentMs.delete(oldest);
      break;
    }
  }
}
