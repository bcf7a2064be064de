import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { filters, parseTopic, topics } from "@gridledger/protocol/topics";
import { CopyStore } from "../../edge-node/src/copies/copy-store.ts";
import { Holder } from "../../edge-node/src/copies/holder.ts";
import { HolderService } from "../../edge-node/src/copies/holder-service.ts";
import type { ChainBuilder, Key } from "../support/chain-builder.ts";
import type { MemoryBus } from "../support/memory-bus.ts";
import { ChainState } from "./chain-state.ts";

const TIDY = { recursive: true, force: true } as const;

interface NodeOptions {
  readonly maxBytes?: number;
}

/** A holder as a node runs it, on a bus in memory, with a state of its own. */
export class TestHolder {
  readonly key: Key;
  readonly chain: ChainState;
  readonly file: string;
  readonly submitted: Uint8Array[] = [];
  /** Hears nothing and says nothing while true. */
  isDead = false;
  /** Messages that came while it was dead. */
  unheard = 0;
  /** Has caught up with the chain. */
  isOpen = true;
  /** What it gives out instead of what it has. */
  twist: (answer: Uint8Array) => Uint8Array = (answer) => answer;
  readonly #folder = mkdtempSync(join(tmpdir(), "gl-copies-"));
  readonly service: HolderService;
  readonly store: CopyStore;

  constructor(builder: ChainBuilder, key: Key, bus: MemoryBus, options: NodeOptions = {}) {
    const { chain } = builder;
    const { signer } = key;
    this.key = key;
    this.chain = new ChainState(builder);
    this.file = join(this.#folder, "copies.sqlite");
    this.store = new CopyStore(this.file);
    const ownId = identityId(chain.suite.hash, signer.publicKey);
    const maxBytes = options.maxBytes ?? 2 ** 30;
    const holder = new Holder(
      {
        ...{ chain, signer, ownId, store: this.store, now: () => 1_700_000_000_000 },
        state: () => this.chain.state,
        erase: (root) => this.service.erase(root),
      },
      { maxBytes },
    );
    const isOpen = () => this.isOpen;
    this.service = new HolderService(
      {
        ...{ chain, signer, ownId, store: this.store },
        holder: {
          answer: async (peer, bytes) => {
            const answer = await holder.answer(peer, bytes);
            return answer && this.twist(answer);
          },
        },
        head: () => this.chain,
        caughtUp: {
          get isOpen() {
            return isOpen();
          },
        },
        send: (peer, bytes) => {
          if (!this.isDead) bus.publish(topics.copies("test", peer, key.id), bytes);
          return true;
        },
        submit: (encoded) => this.submitted.push(encoded),
        after: () => () => {},
        log: { info() {}, warn() {} },
      },
      { maxBytes },
    );
    bus.subscribe(filters.copies("test", key.id), (topic, payload) => {
      if (this.isDead) this.unheard++;
      if (this.isDead) return;
      this.service.onMessage(parseTopic(topic).publisher, new Uint8Array(payload));
    });
  }

  async stop(): Promise<void> {
    await this.service.stop();
    rmSync(this.#folder, TIDY);
  }
}
