import type { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { BlockPort, ProposedBlock } from "../ports.ts";
import type { BodyFetcher } from "./body-fetcher.ts";

/** The candidate, the own prepared block, the highest prepared one of the others, one in passing. */
const MAX_BLOCKS = 4;

interface Shelved {
  block: ProposedBlock;
  valid: boolean;
  /** In the WAL with its bodies. */
  recorded: boolean;
}

/** The few blocks of one height that may still be decided, and what is known about them. */
export class BlockShelf {
  readonly #port: BlockPort;
  readonly #fetcher: BodyFetcher;
  readonly #byHash = new Map<string, Shelved>();
  readonly #isInUse: (blockHash: Uint8Array) => boolean;

  constructor(port: BlockPort, fetcher: BodyFetcher, isInUse: (blockHash: Uint8Array) => boolean) {
    this.#port = port;
    this.#fetcher = fetcher;
    this.#isInUse = isInUse;
  }

  get size(): number {
    return this.#byHash.size;
  }

  get hashes(): Uint8Array[] {
    return [...this.#byHash.values()].map(({ block }) => block.blockHash);
  }

  get(blockHash: Uint8Array): ProposedBlock | undefined {
    return this.#byHash.get(formatHex(blockHash))?.block;
  }

  /**
   * Keeps the block; the oldest that nothing refers to makes room. The header's hash does not bind the
   * list of hashes until the block is checked, so an unchecked copy gives way to a newer one.
   */
  put(block: ProposedBlock): void {
    const key = formatHex(block.blockHash);
    const held = this.#byHash.get(key);
    if (held !== undefined) {
      if (!(held.valid || held.recorded)) held.block = block;
      return;
    }
    for (const [oldKey, old] of this.#byHash) {
      if (this.#byHash.size < MAX_BLOCKS) break;
      if (!this.#isInUse(old.block.blockHash)) this.#byHash.delete(oldKey);
    }
    this.#byHash.set(key, { block, valid: false, recorded: false });
  }

  /** A block that this node built and checked itself. */
  putOwn(block: ProposedBlock): void {
    this.put(block);
    const shelved = this.#byHash.get(formatHex(block.blockHash));
    if (shelved !== undefined) shelved.valid = true;
  }

  /** A block read back from the WAL. */
  putRecorded(block: ProposedBlock): void {
    this.put(block);
    this.needsRecord(block.blockHash);
  }

  /**
   * Executes a block until it passes once. "waiting" when bodies are missing, which are asked for from
   * the validators of `round`, or when the block is not here. One that fails leaves the shelf.
   */
  execute(blockHash: Uint8Array, round: number, fresh: boolean): "valid" | "waiting" | Fault {
    const shelved = this.#byHash.get(formatHex(blockHash));
    if (shelved === undefined) return "waiting";
    if (shelved.valid) return "valid";
    const check = this.#port.check(shelved.block, fresh);
    shelved.valid = check.ok;
    if (check.ok) return "valid";
    if ("fault" in check) {
      this.#byHash.delete(formatHex(blockHash));
      return check.fault;
    }
    this.#fetcher.fetch(round, check.missing);
    return "waiting";
  }

  /** True the first time it is asked about a block. */
  needsRecord(blockHash: Uint8Array): boolean {
    const shelved = this.#byHash.get(formatHex(blockHash));
    if (shelved === undefined || shelved.recorded) return false;
    shelved.recorded = true;
    return true;
  }
}
