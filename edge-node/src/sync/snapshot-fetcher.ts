import { asFault, Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import type { StatePart } from "@gridledger/protocol/merkle/state-parts";
import { encodeGetSnapshot, type GetSnapshot } from "@gridledger/protocol/messages/get-snapshot";
import {
  decodeSnapshot,
  type SnapshotOutline,
  type SnapshotPart,
} from "@gridledger/protocol/messages/snapshot";
import type { StateWrite } from "../state/state-view.ts";
import { checkPart, type ProvenOutline, proveOutline } from "./snapshot-check.ts";

const ANSWER_MS = 5_000;
/** Outlines that are compared: an old snapshot proves itself too, and the newest is wanted. */
const OUTLINES = 3;
/** Questions that failed until this node begins with the first block instead. */
const MAX_FAILURES = 12;
const WAIT_MS = 500;
/** Nobody was heard for so long. */
const MAX_WAITS = 40;

interface SnapshotFetcherDeps {
  readonly chain: Chain;
  readonly incoming: {
    begin(outline: SnapshotOutline): Promise<number[]>;
    put(
      place: { readonly depth: number; readonly index: number },
      part: StatePart,
      entries: readonly StateWrite[],
    ): Promise<void>;
    activate(header: Header, hash: Uint8Array, outline: SnapshotOutline): Promise<void>;
  };
  /** Who may be asked, as far as anybody was heard; grows. */
  readonly peers: () => readonly string[];
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: {
    info(data: object, message: string): void;
    warn(data: object, message: string): void;
  };
}

interface Question {
  readonly peer: string;
  readonly answer: (bytes: Uint8Array) => void;
}

/**
 * Begins a chain with the state of a proven header instead of every block since the genesis. One
 * question at a time; every part is verified when it comes and on disk before the next is asked for, so
 * memory holds one part, and a peer that lies or is silent is left for the next one.
 */
export class SnapshotFetcher {
  readonly #deps: SnapshotFetcherDeps;
  #question: Question | undefined;
  #isStopped = false;
  #failures = 0;
  readonly #failed = new Map<string, number>();

  constructor(deps: SnapshotFetcherDeps) {
    this.#deps = deps;
  }

  onAnswer(peer: string, bytes: Uint8Array): void {
    if (this.#question?.peer === peer) this.#question.answer(bytes);
  }

  stop(): void {
    this.#isStopped = true;
    this.#question?.answer(new Uint8Array());
  }

  /** The height of the snapshot that is the chain now; undefined where nobody gave one. */
  async run(): Promise<number | undefined> {
    for (let waits = 0; waits < MAX_WAITS && this.#failures < MAX_FAILURES; waits++) {
      if (this.#isStopped) return undefined;
      for (const [peer, proven] of await this.#outlines()) {
        const height = await this.#fetch(peer, proven);
        if (height !== undefined) return height;
      }
      await this.#deps.sleep(WAIT_MS);
    }
    this.#deps.log.warn({ failures: this.#failures }, "snapshot: nobody gave one");
    return undefined;
  }

  /** The newest first. */
  async #outlines(): Promise<(readonly [peer: string, proven: ProvenOutline])[]> {
    const { chain, peers } = this.#deps;
    const found: (readonly [string, ProvenOutline])[] = [];
    for (const peer of this.#leastFailed(peers())) {
      if (found.length >= OUTLINES || this.#isStopped || this.#failures >= MAX_FAILURES) break;
      try {
        const answer = await this.#ask(peer, { height: 0, depth: 0, index: 0 });
        if (answer.form === "outline") found.push([peer, proveOutline(chain, answer)]);
      } catch (thrown) {
        this.#fail(peer, asFault(thrown));
      }
    }
    return found.sort(([, a], [, b]) => b.header.height - a.header.height);
  }

  async #fetch(peer: string, first: ProvenOutline): Promise<number | undefined> {
    const { chain, incoming, log } = this.#deps;
    let proven = first;
    let bytes = 0;
    try {
      let missing = await incoming.begin(proven.outline);
      const { height } = proven.header;
      log.info({ peer, height, parts: missing.length }, "snapshot: begins");
      while (missing.length > 0 && !this.#isStopped) {
        const [index] = missing as [number];
        const { depth, parts } = proven.outline;
        const answer = await this.#ask(peer, { height: proven.header.height, depth, index });
        if (answer.form === "outline") {
          // The peer let the old one go: what fits into the new one stays.
          proven = proveOutline(chain, answer);
          missing = await incoming.begin(proven.outline);
          continue;
        }
        checkPart(chain, proven, answer);
        const entries = answer.entries.map(([key, value]) => ({ key, value }));
        for (const { key, value } of entries) bytes += key.length + value.length;
        await incoming.put({ depth, index }, parts[index]!, entries);
        missing = missing.slice(1);
      }
      if (this.#isStopped) return undefined;
      await incoming.activate(proven.header, proven.hash, proven.outline);
      log.info({ peer, height: proven.header.height, bytes }, "snapshot: is the chain now");
      return proven.header.height;
    } catch (thrown) {
      this.#fail(peer, asFault(thrown));
      return undefined;
    }
  }

  /** @throws Fault NOT_READY when no answer came, CBOR_* */
  async #ask(peer: string, question: GetSnapshot): Promise<SnapshotOutline | SnapshotPart> {
    let timer: NodeJS.Timeout | undefined;
    const bytes = await new Promise<Uint8Array>((resolve, reject) => {
      timer = setTimeout(() => reject(new Fault("NOT_READY", "no answer")), ANSWER_MS);
      const isForThis = (given: Uint8Array) => this.#isStopped || answers(given, question);
      this.#question = { peer, answer: (given) => isForThis(given) && resolve(given) };
      this.#deps.send(peer, encodeGetSnapshot(question));
    }).finally(() => {
      clearTimeout(timer);
      this.#question = undefined;
    });
    return decodeSnapshot(bytes);
  }

  #leastFailed(peers: readonly string[]): string[] {
    const failures = (peer: string) => this.#failed.get(peer) ?? 0;
    return [...peers].sort((a, b) => failures(a) - failures(b));
  }

  #fail(peer: string, { code, message }: Fault): void {
    if (this.#isStopped) return;
    this.#failures++;
    this.#failed.set(peer, (this.#failed.get(peer) ?? 0) + 1);
    const { log } = this.#deps;
    log.warn({ peer, code, detail: message, failures: this.#failures }, "snapshot: peer set aside");
  }
}

/** False for a late copy of another part, as a second broker brings it. */
function answers(bytes: Uint8Array, { height, index }: GetSnapshot): boolean {
  try {
    const answer = decodeSnapshot(bytes);
    if (answer.form === "outline") return true;
    return height === answer.height && index === answer.index;
  } catch {
    return true;
  }
}
