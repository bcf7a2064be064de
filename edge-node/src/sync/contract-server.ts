import { encodeReceipt, receiptOf } from "@gridledger/protocol/contracts/receipt";
import { proveAccount } from "@gridledger/protocol/contracts/state-proof";
import { asFault, type Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { proveStanding } from "@gridledger/protocol/ledger/standing-proof";
import { encodeContractAnswer } from "@gridledger/protocol/messages/contract-answer";
import {
  type ContractQuestion,
  decodeContractQuery,
} from "@gridledger/protocol/messages/contract-query";
import type { Head } from "../chain/head.ts";
import { simulateCall } from "../contracts/simulate-call.ts";

const PAGE_BYTES = 262_144;
/** A node's first work is its chain: it rests this many times as long as an answer took. */
const REST = 4;

interface ContractServerDeps {
  readonly chain: Chain;
  readonly head: () => Head;
  /** Resolves when every block of the head is in the store. */
  readonly stored: () => Promise<void>;
  readonly records: { receiptsAt(height: number): Promise<readonly Uint8Array[] | undefined> };
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  /** Monotonic time in ms. */
  readonly clock: () => number;
  readonly onFault: (peer: string, fault: Fault) => void;
}

/** Answers what others ask of accounts, storage, receipts and standings, one question at a time. */
export class ContractServer {
  readonly #deps: ContractServerDeps;
  #isBusy = false;
  #restUntilMs = 0;

  constructor(deps: ContractServerDeps) {
    this.#deps = deps;
  }

  /** A question that comes too soon is dropped: who asks asks again, or another node. */
  async onRequest(peer: string, bytes: Uint8Array): Promise<void> {
    const { clock, send, onFault } = this.#deps;
    if (this.#isBusy || clock() < this.#restUntilMs) return;
    this.#isBusy = true;
    const startedMs = clock();
    let isCall = false;
    try {
      const { id, question } = decodeContractQuery(bytes);
      isCall = question.about === "call";
      const { height } = this.#deps.head();
      send(peer, encodeContractAnswer({ id, height, items: await this.#items(question) }));
    } catch (thrown) {
      onFault(peer, asFault(thrown));
    } finally {
      this.#isBusy = false;
      if (isCall) this.#restUntilMs = clock() + REST * (clock() - startedMs);
    }
  }

  async #items(question: ContractQuestion): Promise<readonly Uint8Array[]> {
    const { chain, records, stored } = this.#deps;
    const head = this.#deps.head();
    switch (question.about) {
      case "receipts":
        await stored();
        return pageOf((await records.receiptsAt(question.height)) ?? [], question.from);
      case "account":
        return [proveAccount(head.tree, question.address)];
      case "slot":
        return [proveAccount(head.tree, question.address, question.slot)];
      case "standing":
        return [proveStanding(head.tree, question.identityId)];
      case "call":
        return [encodeReceipt(receiptOf(simulateCall(chain, head, question), 0))];
    }
  }
}

/** Receipts from a number on, as many as go into one message. */
function pageOf(receipts: readonly Uint8Array[], from: number): readonly Uint8Array[] {
  let bytes = 0;
  const page = receipts.slice(from);
  const end = page.findIndex((receipt) => {
    bytes += receipt.length;
    return bytes > PAGE_BYTES;
  });
  return end === -1 ? page : page.slice(0, Math.max(1, end));
}
