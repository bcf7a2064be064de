import { decodeReceipt, type Receipt } from "@gridledger/protocol/contracts/receipt";
import { type AccountProof, checkAccountProof } from "@gridledger/protocol/contracts/state-proof";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Knex } from "knex";
import type { Bus } from "../../bus.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { BlockQueries, StoredBlock } from "../query/block-queries.ts";
import { ContractQueries } from "./contract-queries.ts";
import { EventPublisher } from "./event-publisher.ts";
import { NodeClient } from "./node-client.ts";
import { ReceiptFollower } from "./receipt-follower.ts";

interface ContractIndexDeps {
  readonly chain: Chain;
  readonly store: {
    readonly read: Knex;
    transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
  };
  readonly blocks: Pick<BlockQueries, "byHeight">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly peers: () => readonly string[];
}

/** What a validator said of an account, proven to a sealed header of this height. */
export interface ProvenAccount {
  readonly proof: AccountProof;
  readonly block: StoredBlock;
  /** As it came. */
  readonly encoded: Uint8Array;
}

export interface CallRequest {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly data: Uint8Array;
  readonly gasLimit: number;
}

/** Contracts as this hub knows them: what they did is in its store, what they hold it asks and checks. */
export class ContractIndex {
  readonly queries: ContractQueries;
  /** Asks validators what their state holds. */
  readonly nodes: Pick<NodeClient, "ask">;
  readonly #deps: ContractIndexDeps;
  readonly #client: NodeClient;
  readonly #follower: ReceiptFollower;
  readonly #events: EventPublisher;
  readonly #listeners = new Set<(height: number) => void>();

  constructor(
    deps: ContractIndexDeps,
    options: { readonly channel: string; readonly self: string },
  ) {
    const { chain, store, blocks, bus, clock, log, peers } = deps;
    this.#deps = deps;
    this.queries = new ContractQueries(store);
    this.#client = new NodeClient({ bus, clock, peers }, options);
    this.nodes = this.#client;
    this.#events = new EventPublisher({ bus, queries: this.queries, log }, options);
    this.#follower = new ReceiptFollower({
      ...{ chain, store, blocks, client: this.#client, clock, log },
      onHeight: (height) => {
        this.#events.onHeight(height);
        for (const listener of this.#listeners) listener(height);
      },
    });
  }

  start(): void {
    this.#client.start();
    this.#events.start();
    this.#follower.wake();
  }

  async stop(): Promise<void> {
    await this.#follower.stop();
    await this.#events.stop();
  }

  onBlocks(): void {
    this.#follower.wake();
  }

  /** Told when the logs of a block are in the store; the answer ends it. */
  onLogs(listener: (height: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The account, and a slot of its storage where one is named. @throws Fault NODE_SILENT */
  account(address: Uint8Array, slot?: Uint8Array): Promise<ProvenAccount> {
    const place = slot === undefined ? { address } : { address, slot };
    const question =
      slot === undefined
        ? ({ about: "account", address } as const)
        : ({ about: "slot", address, slot } as const);
    return this.#client.ask(question, async ({ height, items: [encoded] }) => {
      const block = await this.#deps.blocks.byHeight(height);
      if (encoded === undefined || block === undefined) return undefined;
      const { hash } = this.#deps.chain.suite;
      const proof = checkAccountProof(hash, block.header.stateRoot, place, encoded);
      return proof && { proof, block, encoded };
    });
  }

  /** What one validator says that a call would come to; nothing proves it. @throws Fault NODE_SILENT */
  call(request: CallRequest): Promise<{ readonly receipt: Receipt; readonly height: number }> {
    return this.#client.ask({ about: "call", ...request }, ({ height, items: [encoded] }) =>
      encoded === undefined ? undefined : { receipt: decodeReceipt(encoded), height },
    );
  }

  /** As `call`, of one validator after the other until one is silent. @throws Fault CBOR_* */
  async *calls(request: CallRequest): AsyncGenerator<Receipt> {
    for await (const { items } of this.#client.each({ about: "call", ...request })) {
      const [encoded] = items;
      if (encoded !== undefined) yield decodeReceipt(encoded);
    }
  }
}
