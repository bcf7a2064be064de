import type { Hash } from "@gridledger/protocol/crypto/suite";
import { NONCE_BYTES } from "@gridledger/protocol/ledger/work";

/** Hashes in one go, then a rest: messages are read meanwhile, and the processor is never taken whole. */
const SLICE_MS = 4;
const REST_MS = 8;
/** Tries between two looks at the clock. */
const BATCH = 64;

export interface Mined {
  readonly id: number;
  readonly nonce: Uint8Array;
  readonly hashes: number;
}

interface MinerDeps {
  readonly hash: Hash;
  /** Monotonic time in ms. */
  readonly clock: () => number;
  readonly onMined: (mined: Mined) => void;
}

interface MiningJob {
  readonly id: number;
  readonly encodedHeader: Uint8Array;
  readonly target: Uint8Array;
}

/** Tries nonces in slices on the node's own thread, one job at a time. */
export class Miner {
  readonly #deps: MinerDeps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: MinerDeps) {
    this.#deps = deps;
  }

  mine({ id, encodedHeader, target }: MiningJob): void {
    this.stop();
    const bytes = Buffer.from(encodedHeader);
    const nonce = bytes.subarray(bytes.length - NONCE_BYTES);
    let hashes = 0;
    const slice = (): void => {
      const until = this.#deps.clock() + SLICE_MS;
      do {
        for (let tries = 0; tries < BATCH; tries++) {
          nonce.writeBigUInt64BE(BigInt(hashes++));
          if (Buffer.compare(this.#deps.hash(bytes), target) > 0) continue;
          this.#timer = undefined;
          this.#deps.onMined({ id, nonce: Uint8Array.from(nonce), hashes });
          return;
        }
      } while (this.#deps.clock() < until);
      this.#timer = setTimeout(slice, REST_MS);
    };
    this.#timer = setTimeout(slice, 0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
