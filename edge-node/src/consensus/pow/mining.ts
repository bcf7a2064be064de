import {
  encodeWork,
  expectedWork,
  isResting,
  NONCE_BYTES,
  readWork,
  type Work,
  type WorkParameters,
  workTarget,
} from "@gridledger/protocol/ledger/work";
import type { Action, EngineContext, EngineEvent, ParentBlock, ProposedBlock } from "../ports.ts";
import { medianTimeMs, workOf } from "./work-rules.ts";

const NO_NONCE = new Uint8Array(NONCE_BYTES);

interface Job {
  readonly id: number;
  readonly draft: ProposedBlock;
}

/** What this node tries to find: one block on the tip, as long as there is something to make final. */
export class Mining {
  readonly #context: EngineContext;
  readonly #parameters: WorkParameters;
  readonly #emit: (action: Action) => void;
  #job: Job | undefined;
  #lastId = 0;
  /** Transactions are due; only asked where the chain rests. */
  #isWanted = false;

  constructor(context: EngineContext, parameters: WorkParameters, emit: (action: Action) => void) {
    this.#context = context;
    this.#parameters = parameters;
    this.#emit = emit;
  }

  get isRunning(): boolean {
    return this.#job !== undefined;
  }

  want(): void {
    this.#isWanted = true;
  }

  /** True while an empty block is tried for: a transaction that comes now must not wait for it. */
  get isEmpty(): boolean {
    return this.#job?.draft.txHashes.length === 0;
  }

  /** Tries for a block on this tip, with what waits now, or stops. */
  restart(tip: ParentBlock): void {
    const work = workOf(tip);
    const isAtRest = isResting(this.#parameters, work);
    const draft = isAtRest && !this.#isWanted ? undefined : this.#draft(tip, work, isAtRest);
    if (draft === undefined) {
      this.#isWanted = false;
      this.stop();
      return;
    }
    this.#job = { id: ++this.#lastId, draft };
    const target = workTarget(readWork(draft.header).difficulty);
    const { encodedHeader } = draft;
    this.#emit({ type: "mine", id: this.#job.id, encodedHeader, target });
  }

  #draft(tip: ParentBlock, work: Work | undefined, isAtRest: boolean): ProposedBlock | undefined {
    const parameters = this.#parameters;
    return this.#context.branches.build(tip.hash, {
      mayBeEmpty: !isAtRest,
      notBeforeMs: medianTimeMs(tip.recentTimesMs) + 1,
      engineData: (block) => {
        const expected = expectedWork(parameters, { timeMs: tip.timeMs, work }, block);
        return encodeWork({ ...expected, nonce: NO_NONCE });
      },
    });
  }

  stop(): void {
    if (this.#job === undefined) return;
    this.#job = undefined;
    this.#emit({ type: "stopMining" });
  }

  /** The block that was found; undefined where something else is wanted meanwhile. */
  take({ id, nonce }: Extract<EngineEvent, { type: "mined" }>): ProposedBlock | undefined {
    const job = this.#job;
    if (job?.id !== id) return undefined;
    this.#job = undefined;
    const { header, encodedHeader, txHashes } = job.draft;
    const withNonce = (bytes: Uint8Array): Uint8Array => {
      const found = Uint8Array.from(bytes);
      found.set(nonce, found.length - NONCE_BYTES);
      return found;
    };
    const found = withNonce(encodedHeader);
    return {
      header: { ...header, engineData: withNonce(header.engineData) },
      encodedHeader: found,
      blockHash: this.#context.suite.hash(found),
      txHashes,
    };
  }
}
