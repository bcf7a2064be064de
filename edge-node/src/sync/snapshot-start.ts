import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { filters, parseTopic, topics } from "@gridledger/protocol/topics";
import type { ChainStore } from "../store/chain-store.ts";
import type { Link } from "../transport/link-group.ts";
import { SnapshotFetcher } from "./snapshot-fetcher.ts";

const MAX_PEERS = 64;

interface SnapshotStartDeps {
  readonly chain: Chain;
  readonly store: Pick<ChainStore, "incoming">;
  /** For this time alone: the node connects anew with what it has then. */
  readonly link: Link;
  readonly log: {
    info(data: object, message: string): void;
    warn(data: object, message: string): void;
  };
}

interface SnapshotStartOptions {
  /** This node's identity id in hex. */
  readonly ownId: string;
}

/** The time before a node has a chain: asks whoever is there for a snapshot. */
export class SnapshotStart {
  readonly #deps: SnapshotStartDeps;
  readonly #peers: Set<string>;
  readonly #fetcher: SnapshotFetcher;
  readonly #ownId: string;
  #running: Promise<boolean> | undefined;

  constructor(deps: SnapshotStartDeps, { ownId }: SnapshotStartOptions) {
    this.#deps = deps;
    this.#ownId = ownId;
    const { chain, store, link, log } = deps;
    const { hash } = chain.suite;
    const { channel } = chain.genesis;
    const ids = chain.validators.map(({ publicKey }) => formatHex(identityId(hash, publicKey)));
    this.#peers = new Set(ids.filter((id) => id !== ownId));
    this.#fetcher = new SnapshotFetcher({
      ...{ chain, log, incoming: store.incoming },
      peers: () => (link.connected ? [...this.#peers] : []),
      send: (peer, bytes) => link.publish(topics.sync(channel, peer, ownId), bytes),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
  }

  /** True when the store holds a snapshot now. */
  run(): Promise<boolean> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#fetcher.stop();
    await this.#running;
  }

  async #run(): Promise<boolean> {
    const { chain, link } = this.#deps;
    const { channel } = chain.genesis;
    link.subscribe(filters.sync(channel, this.#ownId), (topic, bytes) => {
      if (peekMessageType(bytes) !== messageType.snapshot) return;
      this.#fetcher.onAnswer(parseTopic(topic).publisher, new Uint8Array(bytes));
    });
    // Validators that came after the genesis: what they give proves itself.
    link.subscribe(filters.statuses(channel), (topic) => {
      const { publisher } = parseTopic(topic);
      if (publisher !== this.#ownId && this.#peers.size < MAX_PEERS) this.#peers.add(publisher);
    });
    link.start();
    try {
      return (await this.#fetcher.run()) !== undefined;
    } finally {
      await link.stop();
    }
  }
}
