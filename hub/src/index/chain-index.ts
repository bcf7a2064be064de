import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Knex } from "knex";
import type { Bus } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { BlockWriter } from "./block-writer.ts";
import type { ChainHead } from "./chain-head.ts";
import { ContractIndex } from "./contracts/contract-index.ts";
import type { Directory } from "./directory.ts";
import { BodyCache } from "./follow/body-cache.ts";
import { Follower } from "./follow/follower.ts";
import { SyncClient } from "./follow/sync-client.ts";
import { CandidateWatch } from "./governance/candidate-watch.ts";
import { ValidatorSets } from "./governance/validator-sets.ts";
import { ChainRates } from "./nodes/chain-rates.ts";
import { type NodeState, NodeWatch } from "./nodes/node-watch.ts";
import { SeenTransactions } from "./nodes/seen-transactions.ts";
import { TelemetryWatch } from "./nodes/telemetry-watch.ts";
import type { ParsedBlock } from "./parse-block.ts";
import { BlockQueries } from "./query/block-queries.ts";
import { CorrectionQueries } from "./query/correction-queries.ts";
import { HolderQueries } from "./query/holder-queries.ts";
import { KeyQueries } from "./query/key-queries.ts";
import { loadHead } from "./query/load-head.ts";
import { MeterHistory } from "./query/meter-history.ts";
import { MeterQueries } from "./query/meter-queries.ts";
import { ObjectChanges } from "./query/object-changes.ts";
import { ObjectQueries } from "./query/object-queries.ts";
import { ReadingQueries } from "./query/reading-queries.ts";
import { TransactionQueries } from "./query/transaction-queries.ts";
import { ReceiptPublisher } from "./receipts/receipt-publisher.ts";
import { ReceiptResender } from "./receipts/receipt-resender.ts";
import { RecentFinals } from "./receipts/recent-finals.ts";

const BODY_CACHE_BYTES = 67_108_864;

interface IndexStore {
  readonly read: Knex;
  transaction<Answer>(work: (db: Knex) => Promise<Answer>): Promise<Answer>;
}

interface ChainIndexDeps {
  readonly chain: Chain;
  readonly store: IndexStore;
  readonly directory: Directory;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

interface ChainIndexOptions {
  /** The hub's identity id. */
  readonly self: string;
}

export interface IndexListener {
  /** Blocks are durable, in order; `head` is the last of them. */
  onBlocks?(blocks: readonly ParsedBlock[], head: ChainHead): void;
  /** A validator said something. */
  onNodes?(): void;
}

/** The chain as this hub has seen and verified it: follows, indexes, answers, sends receipts. */
export class ChainIndex {
  readonly blocks: BlockQueries;
  readonly transactions: TransactionQueries;
  readonly keys: KeyQueries;
  readonly meters: MeterQueries;
  readonly readings: ReadingQueries;
  readonly telemetry: TelemetryWatch;
  readonly sets: ValidatorSets;
  readonly candidates: CandidateWatch;
  readonly contracts: ContractIndex;
  readonly objects: ObjectQueries;
  readonly history: MeterHistory;
  readonly changes: ObjectChanges;
  readonly corrections: CorrectionQueries;
  readonly holders: HolderQueries;
  readonly #deps: ChainIndexDeps;
  readonly #options: ChainIndexOptions;
  readonly #listeners: IndexListener[] = [];
  readonly #rates = new ChainRates();
  readonly #finals = new RecentFinals();
  readonly #seen = new SeenTransactions();
  readonly #publisher: ReceiptPublisher;
  readonly #resender: ReceiptResender;
  readonly #nodes: NodeWatch;
  readonly #follower: Follower;
  readonly #sync: SyncClient;
  readonly #bodies = new BodyCache(BODY_CACHE_BYTES);
  #writer: BlockWriter | undefined;
  #lastBlockMs: number | null = null;

  constructor(deps: ChainIndexDeps, options: ChainIndexOptions) {
    const { chain, store, bus, clock, log } = deps;
    const { channel } = chain.genesis;
    const { hash } = chain.suite;
    this.#deps = deps;
    this.#options = options;
    this.blocks = new BlockQueries(store, chain);
    this.transactions = new TransactionQueries(store, chain);
    this.keys = new KeyQueries({ chain, store, transactions: this.transactions });
    this.meters = new MeterQueries(store);
    this.changes = new ObjectChanges(store);
    this.corrections = new CorrectionQueries(store);
    this.history = new MeterHistory(store, chain, this.corrections);
    this.objects = new ObjectQueries(store, chain);
    this.readings = new ReadingQueries(store, chain);
    this.sets = new ValidatorSets(chain);
    this.telemetry = new TelemetryWatch(
      chain.suite,
      () => this.sets.latest,
      () => this.#tell((listener) => listener.onNodes?.()),
      () => clock.now(),
    );
    const findIdentity = (id: string) => deps.directory.find(id);
    this.candidates = new CandidateWatch({ chain, findIdentity });
    this.holders = new HolderQueries({ store, findIdentity });
    // Who is not there is not asked: a reader waits for the answer.
    const peers = () => this.nodes().flatMap(({ id, online }) => (online ? [id] : []));
    this.contracts = new ContractIndex(
      { ...{ chain, store, bus, clock, log, peers }, blocks: this.blocks },
      { channel, self: options.self },
    );
    this.#publisher = new ReceiptPublisher(
      { bus, handoversTo: (height) => this.sets.handoversTo(height) },
      { channel, self: options.self },
    );
    const { blocks, transactions } = this;
    const publisher = this.#publisher;
    this.#resender = new ReceiptResender({ hash, clock, log, blocks, transactions, publisher });
    this.#nodes = new NodeWatch({
      ...{ chain, bus, clock, log },
      validators: () => this.sets.latest.validators,
      headHeight: () => this.head.height,
      onHeight: (height) => this.#follower.hint(height),
      onEmptyPool: () => this.#seen.onEmptyPool(clock.now()),
      onChange: () => this.#tell((listener) => listener.onNodes?.()),
    });
    this.#follower = new Follower({
      ...{ chain, bus, clock, log, bodies: this.#bodies, sets: this.sets },
      sink: this.#sink(),
      onSeen: (txHash, isFirst) => {
        if (!isFirst || this.#finals.has(txHash)) this.#resender.note(txHash);
        else this.#seen.add(txHash, clock.now());
      },
    });
    const onBlocks = (some: readonly Uint8Array[]) => this.#follower.onBlocks(some);
    this.#sync = new SyncClient(
      { bus, clock, log, onBlocks, peers: () => this.#peers() },
      { channel, self: options.self },
    );
  }

  listen(listener: IndexListener): void {
    this.#listeners.push(listener);
  }

  /** @throws Fault STORE_CORRUPT */
  async start(): Promise<void> {
    const { chain, clock, log, store } = this.#deps;
    const head = await loadHead(store.read, chain);
    this.#writer = new BlockWriter(
      {
        ...{ chain, store, clock, log },
        onIndexed: (blocks, newHead) => this.#indexed(blocks, newHead),
        onDrained: () => this.#follower.resume(),
      },
      head,
    );
    await this.sets.load(this);
    log.info({ height: head.height, hub: this.#options.self }, "the index goes on here");
    this.#nodes.start();
    this.telemetry.start(this.#deps.bus, chain.genesis.channel);
    this.candidates.start(this.#deps.bus, chain.genesis.channel);
    this.#sync.start();
    this.contracts.start();
    this.#follower.start(head, this.#sync);
  }

  async stop(): Promise<void> {
    this.#follower.stop();
    this.#sync.stop();
    await this.contracts.stop();
    await this.#resender.stop();
    await this.#writer?.stop();
  }

  get head(): ChainHead {
    const { chainId } = this.#deps.chain;
    const empty = { height: 0, hash: chainId, timeMs: null, transactions: 0, readings: 0 };
    return this.#writer?.head ?? empty;
  }

  /** Blocks known to be final and not yet indexed. */
  get blocksBehind(): number {
    return Math.max(0, this.#follower.knownHeight - this.head.height);
  }

  /** When the last block was indexed by this process; null since the start. */
  get lastBlockMs(): number | null {
    return this.#lastBlockMs;
  }

  /** Over the last 60 s. */
  rates() {
    return this.#rates.at(this.#deps.clock.now());
  }

  /** Transactions wait for a block, as a validator says or as came by here. */
  get areWaiting(): boolean {
    return this.#seen.areWaiting || this.#nodes.areWaiting;
  }

  /** While transactions wait, heartbeats are due at the active rate. */
  noteWaiting(): void {
    this.#nodes.noteActive();
  }

  nodes(): NodeState[] {
    return this.#nodes.states();
  }

  /** Validators that can be asked for blocks: those that are there, or all while nobody was heard. */
  #peers(): string[] {
    const nodes = this.nodes();
    const online = nodes.filter((node) => node.online);
    if (online.length > 0) return online.map(({ id }) => id);
    // Nobody of this set may ever come back: an order can have given the chain to others.
    return [...nodes, ...this.candidates.list().map(({ identity }) => identity)].map(
      ({ id }) => id,
    );
  }

  #sink() {
    const writer = () => this.#writer;
    return {
      get accepts() {
        return writer()?.accepts ?? false;
      },
      push: (block: Parameters<BlockWriter["push"]>[0]) => writer()?.push(block),
    };
  }

  #indexed(blocks: readonly ParsedBlock[], head: ChainHead): void {
    const now = this.#deps.clock.now();
    this.#lastBlockMs = now;
    this.#nodes.noteActive();
    for (const { block, readings, transactions } of blocks) {
      this.#rates.note(now, transactions.length, readings);
      for (const { identity, certificates, rotation, hash } of transactions) {
        this.#finals.add(hash);
        this.#seen.onFinal(hash);
        const { height } = block.header;
        if (identity !== undefined) this.#deps.directory.add(identity, height);
        for (const record of certificates ?? []) this.#deps.directory.record(record, height);
        if (rotation) this.#deps.directory.rotate(rotation.identityId, rotation, height);
      }
      this.#deps.directory.advance(block.header.height);
      for (const change of block.executed) this.#deps.directory.move(change);
      const leaves = transactions.map(({ hash, sender }, index) => {
        return { hash, index, sender: formatHex(sender) };
      });
      this.#publisher.publish(block, leaves);
    }
    this.contracts.onBlocks();
    this.#tell((listener) => listener.onBlocks?.(blocks, head));
  }

  #tell(call: (listener: IndexListener) => void): void {
    for (const listener of this.#listeners) call(listener);
  }
}
