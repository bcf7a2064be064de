import { asFault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { keyAt, suiteOfKey } from "@gridledger/protocol/ledger/identity-keys";
import { identities } from "@gridledger/protocol/ledger/state";
import { type Archive, verifyArchive } from "@gridledger/protocol/messages/archive";
import type { StateReader } from "../state/state-view.ts";

interface ArchivesDeps {
  readonly chain: Chain;
  readonly state: () => StateReader;
  readonly headHeight: () => number;
  /** Hash of the block at a height of this node's chain; undefined where it does not hold it. */
  readonly hashAt: (height: number) => Promise<Uint8Array | undefined>;
  /** Can be asked for blocks up to there. */
  readonly onConfirmed: (archive: string, height: number) => void;
  readonly log: {
    warn(data: object, message: string): void;
    error(data: object, message: string): void;
  };
}

interface Confirmed {
  readonly id: Uint8Array;
  readonly height: number;
  readonly timeMs: number;
}

/**
 * What archives (hubs) have confirmed to hold. Believed only with the signature of a hub that the
 * state knows, and only for the chain that this node has itself: the block hash must be its own.
 */
export class Archives {
  readonly #deps: ArchivesDeps;
  readonly #byName = new Map<string, Confirmed>();

  constructor(deps: ArchivesDeps) {
    this.#deps = deps;
  }

  /** Up to where at least one archive holds everything; undefined while none has confirmed. */
  get height(): number | undefined {
    return this.#best?.height;
  }

  /** Identity id of the archive that holds the most. */
  get id(): Uint8Array | undefined {
    return this.#best?.id;
  }

  /** True when the publisher is an archive; its message is no status then. */
  onMessage(publisher: string, bytes: Uint8Array): boolean {
    const { chain, state, log } = this.#deps;
    const id = Buffer.from(publisher, "hex");
    const identity = state().get(identities, id);
    if (identity?.role !== "hub") return false;
    try {
      const key = keyAt(chain, identity, this.#deps.headHeight() + 1);
      const archive = verifyArchive(suiteOfKey(chain, key), key.publicKey, chain.chainId, bytes);
      void this.#take(publisher, id, archive);
    } catch (thrown) {
      log.warn({ publisher, code: asFault(thrown).code }, "archive: confirmation refused");
    }
    return true;
  }

  async #take(publisher: string, id: Uint8Array, archive: Archive): Promise<void> {
    const { headHeight, hashAt, onConfirmed, log } = this.#deps;
    const { height, blockHash, timeMs } = archive;
    const last = this.#byName.get(publisher);
    if (last !== undefined && timeMs <= last.timeMs) return;
    onConfirmed(publisher, height);
    // What this node does not have it cannot compare: the next confirmation comes soon.
    if (height > headHeight()) return;
    const own = await hashAt(height).catch(() => undefined);
    if (own === undefined && height > 0) {
      // An archive below what was pruned here has lost blocks: that counts, whatever it holds.
      this.#byName.set(publisher, { id, height: Math.min(height, last?.height ?? height), timeMs });
      return;
    }
    if (own !== undefined && !equalBytes(own, blockHash)) {
      log.error({ publisher, height, code: "CHAIN_MISMATCH" }, "archive: it holds another chain");
      this.#byName.delete(publisher);
      return;
    }
    this.#byName.set(publisher, { id, height, timeMs });
  }

  get #best(): Confirmed | undefined {
    let best: Confirmed | undefined;
    for (const confirmed of this.#byName.values()) {
      if (best === undefined || confirmed.height > best.height) best = confirmed;
    }
    return best;
  }
}
