import { asFault, type Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import {
  decodeGetTransactions,
  encodeGetTransactions,
} from "@gridledger/protocol/messages/get-transactions";
import { decodeTransactions, encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { bytesKey, PreparedTransaction } from "../state/prepared-transaction.ts";
import { inMessages } from "./in-messages.ts";

const MAX_HASHES_PER_REQUEST = 8_192;
/** What a peer is given in a second; the engine asks again. */
const MAX_BYTES_PER_SECOND = 16 * 1024 * 1024;
/** How long the bodies may stand in this node's own queue before somebody is asked. */
const PATIENCE_MS = 50;
const MAX_PATIENCE_MS = 500;

interface BodyExchangeDeps {
  readonly chain: Chain;
  readonly bodies: {
    want(txHashes: readonly Uint8Array[]): void;
    stillWanted(txHashes: readonly Uint8Array[]): Uint8Array[];
    offer(transaction: PreparedTransaction): boolean;
  };
  /** Bytes of transactions that came in and were not looked at yet. */
  readonly queuedBytes: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Any transaction this node can give, by its key. */
  readonly find: (key: string) => PreparedTransaction | undefined;
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  /** Monotonic time in ms. */
  readonly clock: () => number;
  readonly onArrived: () => void;
  readonly onFault: (peer: string, fault: Fault) => void;
}

/** Asks for and gives the bodies of proposed transactions. */
export class BodyExchange {
  readonly #deps: BodyExchangeDeps;
  readonly #given = new Map<string, number>();
  #second = 0;

  constructor(deps: BodyExchangeDeps) {
    this.#deps = deps;
  }

  /** Proposals overtake transactions: what is missing often stands in the queue already. */
  async fetch(peer: string, txHashes: readonly Uint8Array[]): Promise<void> {
    const { bodies, queuedBytes, sleep, send } = this.#deps;
    bodies.want(txHashes);
    for (let waited = 0; queuedBytes() > 0 && waited < MAX_PATIENCE_MS; waited += PATIENCE_MS) {
      await sleep(PATIENCE_MS);
    }
    const missing = bodies.stillWanted(txHashes);
    for (let at = 0; at < missing.length; at += MAX_HASHES_PER_REQUEST) {
      send(peer, encodeGetTransactions(missing.slice(at, at + MAX_HASHES_PER_REQUEST)));
    }
  }

  onRequest(peer: string, bytes: Uint8Array): void {
    const { find, send, onFault } = this.#deps;
    if (!this.#mayGive(peer, bytes.length)) return;
    try {
      const found = decodeGetTransactions(bytes).flatMap((hash) => {
        const transaction = find(bytesKey(hash));
        return transaction === undefined ? [] : [transaction.encoded];
      });
      for (const part of inMessages(found)) {
        const message = encodeTransactions(part);
        if (!this.#mayGive(peer, message.length) || !send(peer, message)) return;
      }
    } catch (thrown) {
      onFault(peer, asFault(thrown));
    }
  }

  #mayGive(peer: string, bytes: number): boolean {
    const second = Math.floor(this.#deps.clock() / 1_000);
    if (second !== this.#second) this.#given.clear();
    this.#second = second;
    const given = (this.#given.get(peer) ?? 0) + bytes;
    this.#given.set(peer, given);
    return given <= MAX_BYTES_PER_SECOND;
  }

  onAnswer(peer: string, bytes: Uint8Array): void {
    const { chain, bodies, onArrived, onFault } = this.#deps;
    let isWanted = false;
    try {
      for (const encoded of decodeTransactions(bytes)) {
        const transaction = new PreparedTransaction(chain, Buffer.from(encoded));
        isWanted = bodies.offer(transaction) || isWanted;
      }
    } catch (thrown) {
      onFault(peer, asFault(thrown));
    }
    if (isWanted) onArrived();
  }
}
