import { encodeHolderDeclaration } from "@gridledger/protocol/copies/holder-declaration";
import { holderTable } from "@gridledger/protocol/copies/holder-table";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { asFault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction, VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import { encodeErasureReceipt } from "@gridledger/protocol/objects/erasure-receipt";
import { objectTable } from "@gridledger/protocol/objects/object-table";
import type { StateReader } from "../state/state-view.ts";
import type { CopyStore } from "./copy-store.ts";

/** Messages that wait for their turn; who asks asks again. */
const MAX_WAITING = 16;
const MAX_SAID = 1_024;
const LOOK_MS = 2_000;
const SEND_AGAIN_MS = 25;
const MAX_SENDS = 40;

interface ServiceDeps {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly ownId: Uint8Array;
  readonly store: CopyStore;
  readonly holder: { answer(peer: string, bytes: Uint8Array): Promise<Uint8Array | undefined> };
  readonly head: () => { readonly height: number; readonly state: StateReader };
  readonly caughtUp: { readonly isOpen: boolean };
  /** False while the connection has too much to send. */
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  /** @throws Fault of the pool */
  readonly submit: (encoded: Uint8Array) => void;
  /** Runs the work after so many ms; the answer cancels. */
  readonly after: (ms: number, work: () => void) => () => void;
  readonly log: {
    info(data: object, message: string): void;
    warn(data: object, message: string): void;
  };
}

interface Said {
  readonly encoded: Uint8Array;
  readonly validUntilHeight: number;
}

/**
 * A holder at work: one message at a time, nothing before the node has caught up and has erased what
 * was decided meanwhile; and it says on the chain what it keeps and what it has erased.
 */
export class HolderService {
  readonly #deps: ServiceDeps;
  readonly #maxBytes: number;
  /** Transactions of this node whose window is open. */
  readonly #said = new Map<string, Said>();
  #work: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #hasErased = false;
  #isStopped = false;
  #cancel: () => void = () => {};

  /** @param options.maxBytes what all copies together may take; 0 keeps none any more */
  constructor(deps: ServiceDeps, options: { readonly maxBytes: number }) {
    this.#deps = deps;
    this.#maxBytes = options.maxBytes;
  }

  start(): void {
    this.#cancel = this.#deps.after(LOOK_MS, () => {
      void this.look().then(() => this.#isStopped || this.start());
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#work;
    await this.#deps.store.close();
  }

  onMessage(peer: string, bytes: Uint8Array): void {
    if (this.#waiting >= MAX_WAITING || !this.#deps.caughtUp.isOpen) return;
    this.#waiting++;
    void this.#then(async () => {
      this.#waiting--;
      if (!this.#hasErased) await this.#eraseAll();
      const answer = await this.#deps.holder.answer(peer, bytes);
      if (answer !== undefined) await this.#send(peer, answer);
    });
  }

  /** Erases what was decided, and declares what this node keeps; also by itself every two seconds. */
  look(): Promise<void> {
    if (!this.#deps.caughtUp.isOpen) return Promise.resolve();
    return this.#then(async () => {
      await this.#eraseAll();
      this.#declare();
    });
  }

  /** Overwrites what is here of an object and says so on the chain. */
  async erase(root: Uint8Array): Promise<void> {
    const { log, store } = this.#deps;
    await store.erase(root);
    log.info({ root: formatHex(root) }, "copies: an object was erased");
    this.#submit(kind.erasureReceipt, encodeErasureReceipt({ root }));
  }

  async #eraseAll(): Promise<void> {
    const { head, store } = this.#deps;
    const { state } = head();
    for (const root of await store.roots()) {
      if (state.get(objectTable, root)?.erasedHeight !== undefined) await this.erase(root);
    }
    this.#hasErased = true;
  }

  #declare(): void {
    const { head, ownId } = this.#deps;
    const declared = head().state.get(holderTable, "") ?? [];
    const own = declared.find(({ id }) => equalBytes(id, ownId));
    const capacityBytes = own?.places[0]?.capacityBytes ?? 0;
    if (capacityBytes === this.#maxBytes) return;
    const places = this.#maxBytes === 0 ? [] : [{ name: "", capacityBytes: this.#maxBytes }];
    this.#submit(kind.holderDeclaration, encodeHolderDeclaration(places));
  }

  /** Said again within its window, it is the same transaction. */
  #submit(number: number, payload: Uint8Array): void {
    const { chain, head, log, signer, submit } = this.#deps;
    const { height } = head();
    const name = `${number} ${formatHex(payload)}`;
    let said = this.#said.get(name);
    if (said === undefined || said.validUntilHeight <= height) {
      const validUntilHeight = height + VALIDITY_WINDOW_BLOCKS / 2;
      const body = { kind: number, validUntilHeight, nonce: new Uint8Array(0), payload };
      const encoded = signTransaction(chain.suite, signer, chain.chainId, body);
      said = { validUntilHeight, encoded };
      if (this.#said.size >= MAX_SAID) this.#said.clear();
      this.#said.set(name, said);
    }
    try {
      submit(said.encoded);
    } catch (thrown) {
      const { code } = asFault(thrown);
      if (code !== "TX_REPLAYED") log.warn({ code }, "copies: not said on the chain yet");
    }
  }

  async #send(peer: string, bytes: Uint8Array): Promise<void> {
    const { after, send } = this.#deps;
    for (let left = MAX_SENDS; left > 0 && !this.#isStopped; left--) {
      if (send(peer, bytes)) return;
      await new Promise<void>((resolve) => void after(SEND_AGAIN_MS, resolve));
    }
  }

  /** One after the other; a failure is told and stops nothing. */
  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work).catch((thrown: unknown) => {
      const { code, message } = asFault(thrown);
      this.#deps.log.warn({ code, detail: message }, "copies: something failed");
    });
    this.#work = done;
    return done;
  }
}
