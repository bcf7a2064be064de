import { randomBytes } from "node:crypto";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import type { Fault } from "@gridledger/protocol/faults";
import type { BreakGlass } from "@gridledger/protocol/governance/break-glass";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import { encodeRefusal } from "@gridledger/protocol/messages/refusal";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { Arrivals } from "./chain/arrivals.ts";
import { assembleChain, type ChainParts } from "./chain/chain-parts.ts";
import type { SignatureVerifier } from "./chain/signature-verifier.ts";
import { carrier } from "./contracts/carrier.ts";
import { adoptBreakGlass } from "./engine/break-glass.ts";
import { EngineHost } from "./engine/engine-host.ts";
import type { EngineSchedule } from "./engine/engine-schedule.ts";
import { monotonicMs } from "./engine/monotonic-clock.ts";
import { newHeightOn } from "./engine/new-height.ts";
import { Plans } from "./engine/plans.ts";
import { ReleaseWatch } from "./engine/release-watch.ts";
import { restoreFromLog } from "./engine/restore.ts";
import { Sealers } from "./engine/sealers.ts";
import { signEvidence } from "./engine/sign-evidence.ts";
import { missingSuite } from "./engine/suite-guard.ts";
import { WorkClock } from "./engine/work-clock.ts";
import { Refusals } from "./mempool/refusals.ts";
import { Republisher } from "./mempool/republisher.ts";
import { TransactionInbox } from "./mempool/transaction-inbox.ts";
import { assembleUpkeep, type Upkeep } from "./node-upkeep.ts";
import type { ViewParts } from "./rpc/runtime-view.ts";
import type { ConsensusLog, RuntimeLog } from "./runtime-ports.ts";
import type { ChainStore, LoadedChain } from "./store/chain-store.ts";
import type { DiskLimits } from "./store/disk-keeper.ts";
import { Activity } from "./sync/activity.ts";
import { PeerStatuses } from "./sync/peer-statuses.ts";
import { signersOf } from "./sync/signers-of.ts";
import { assembleSync, type SyncParts } from "./sync/sync-parts.ts";
import { EventQueue } from "./transport/event-queue.ts";
import type { Link } from "./transport/link-group.ts";
import { NodeBus } from "./transport/node-bus.ts";
import { RoundTrip } from "./transport/round-trip.ts";

interface NodeRuntimeDeps {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly store: ChainStore;
  readonly wal: ConsensusLog;
  readonly schedule: EngineSchedule;
  /** The order in the node's home, verified. */
  readonly document: BreakGlass | undefined;
  readonly control: Link;
  readonly data: Link;
  readonly verifier: SignatureVerifier;
  readonly log: RuntimeLog;
  readonly onReady: (height: number) => void;
  readonly onFatal: (fault: Fault) => void;
}

interface NodeRuntimeOptions {
  readonly home: string;
  readonly loaded: LoadedChain;
  readonly limits: DiskLimits;
}

/** A node whose files are open: chain, engine, sync and brokers, joined by events. */
export class NodeRuntime {
  readonly #deps: NodeRuntimeDeps;
  readonly #home: string;
  readonly #ownId: Uint8Array;
  readonly #bootId = randomBytes(8);
  readonly #startedMs = Date.now();
  readonly #bus: NodeBus;
  readonly #parts: ChainParts;
  readonly #sealers: Sealers;
  readonly #sync: SyncParts;
  readonly #host: EngineHost;
  readonly #plans: Plans;
  readonly #inbox: TransactionInbox;
  readonly #refusals: Refusals;
  readonly #workClock: WorkClock;
  readonly #arrivals: Arrivals;
  readonly #statuses: PeerStatuses;
  readonly #activity = new Activity(monotonicMs);
  readonly #roundTrip = new RoundTrip();
  readonly #release: ReleaseWatch;
  readonly #republisher: Republisher;
  readonly #upkeep: Upkeep;
  #isReady = false;
  #isStopped = false;

  constructor(deps: NodeRuntimeDeps, { home, loaded, limits }: NodeRuntimeOptions) {
    this.#deps = deps;
    this.#home = home;
    const { chain, signer } = deps;
    const { hash } = chain.suite;
    this.#ownId = identityId(hash, signer.publicKey);
    this.#refusals = new Refusals({ now: Date.now, send: this.#tellRefusal });
    this.#parts = this.#assembleChain(loaded);
    this.#sealers = new Sealers({ hash, ledger: this.#parts.ledger });
    this.#bus = this.#assembleBus();
    this.#sync = this.#assembleSync();
    this.#host = this.#assembleHost();
    this.#plans = new Plans({
      ...{ ownId: formatHex(this.#ownId), log: deps.log },
      ...{ ledger: this.#parts.ledger, ahead: this.#parts.ahead },
      ...{ engine: this.#host, sealers: this.#sealers, defer: setImmediate },
      broadcast: (lane, bytes) => this.#bus.consensus(lane, bytes),
    });
    this.#inbox = this.#assembleInbox();
    this.#republisher = new Republisher(
      {
        pool: this.#parts.pool,
        send: (message) => void this.#bus.transactions(message),
        baseTimeoutMs: () => this.#roundTrip.baseTimeoutMs,
      },
      chain.genesis.policy.maxBlockTransactions,
    );
    this.#workClock = new WorkClock({
      policy: chain.genesis.policy,
      pool: this.#parts.pool,
      clock: monotonicMs,
      onDue: () => this.#host.post({ type: "work" }),
    });
    this.#arrivals = new Arrivals({
      bodies: this.#parts.bodies,
      onArrived: () => this.#host.post({ type: "bodiesArrived" }),
    });
    this.#statuses = this.#assembleStatuses();
    this.#release = new ReleaseWatch({ engine: this.#host, now: Date.now, log: deps.log }, home);
    this.#upkeep = this.#assembleUpkeep(limits);
  }

  get height(): number {
    return this.#parts.ledger.head.height;
  }

  /** What the node's RPC may see and do. */
  get view(): ViewParts {
    const { chain, signer, store, control } = this.#deps;
    const [id, startedMs, host] = [formatHex(this.#ownId), this.#startedMs, this.#host];
    const submit = (encoded: Uint8Array) => this.#submit(encoded);
    const carry = carrier({ chain, signer, headHeight: () => this.height, submit });
    return {
      ...this.#parts,
      ...{ chain, store, control, host, id, startedMs, submit, carry },
      peers: this.#statuses.newest,
    };
  }

  #submit(encoded: Uint8Array): void {
    const fault = this.#inbox.submit(encoded);
    if (fault !== undefined) throw fault;
    this.#bus.transactions(encodeTransactions([encoded]));
  }

  /** Imports what the log decided, wakes the engine, connects. */
  async start(restored: Awaited<ReturnType<ConsensusLog["open"]>>): Promise<void> {
    const { chain, control, data, log } = this.#deps;
    const { ledger, bodies } = this.#parts;
    const imported = restoreFromLog({ chain, ledger, bodies }, restored);
    await ledger.stored;
    log.info({ height: this.height, imported, wal: restored.wal }, "node: chain loaded");
    ledger.onImported(({ source, sealed }) => this.#onNewHead(source === "sync", sealed.seal));
    const { wal, records } = await adoptBreakGlass({ ...this.#deps, ...this.#parts }, restored);
    this.#host.post({ type: "restored", wal, records });
    this.#postNewHeight();
    this.#listen();
    control.onState((connected) => this.#onControl(connected));
    control.start();
    data.start();
    this.#release.start();
    this.#republisher.start();
    this.#upkeep.beacons.start();
    this.#upkeep.disk.start();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#republisher.stop();
    this.#release.stop();
    this.#upkeep.beacons.stop();
    this.#workClock.stop();
    this.#arrivals.stop();
    this.#sync.stop();
    this.#host.stop();
    await Promise.all([
      this.#deps.control.stop(),
      this.#deps.data.stop(),
      this.#upkeep.disk.stop(),
    ]);
    await this.#parts.ledger.stored;
  }

  #assembleChain(loaded: LoadedChain): ChainParts {
    const { chain, signer, store } = this.#deps;
    return assembleChain(
      {
        chain,
        rulesAfter: this.#deps.schedule.rulesAfter,
        store,
        now: Date.now,
        clock: monotonicMs,
        announce: (plan) => this.#plans.announce(plan),
        onStoreFault: (fault) => this.#fail(fault),
        onDropped: ({ sender, encoded }, fault) =>
          this.#refusals.refuse(formatHex(sender), encoded, fault),
      },
      loaded,
      signer.publicKey,
    );
  }

  #assembleBus(): NodeBus {
    const { chain, control, data, log } = this.#deps;
    const queue = new EventQueue({
      defer: setImmediate,
      onError: (error) => log.error({ error }, "node: a message handler failed"),
    });
    const options = { channel: chain.genesis.channel, ownId: formatHex(this.#ownId) };
    return new NodeBus({ control, data, queue }, options);
  }

  #assembleSync(): SyncParts {
    const { chain, store, verifier, log } = this.#deps;
    return assembleSync({
      ...{ chain, parts: this.#parts, store, verifier, log },
      send: (peer, bytes) => this.#bus.sync(peer, bytes),
      clock: monotonicMs,
      queuedBytes: () => this.#inbox.queuedBytes,
      onBodiesArrived: () => this.#arrivals.onBody(),
    });
  }

  #assembleHost(): EngineHost {
    const { chain, signer, wal, schedule, log } = this.#deps;
    const { ledger, transactionsOf } = this.#parts;
    return new EngineHost({
      engine: schedule.engineOf(signer, this.#parts, log),
      wal,
      hash: chain.suite.hash,
      ledger,
      transactionsOf,
      broadcast: (lane, bytes) => void this.#bus.consensus(lane, bytes),
      fetch: (publisher, txHashes) => void this.#sync.bodyExchange.fetch(publisher, txHashes),
      onPeerHeight: (publisher, height) => this.#onPeerHeight(publisher, height),
      onUnknownDecided: (height, seal) => this.#onUnknownDecided(height, seal),
      onSuspended: () => this.#upkeep.beacons.telemetryNow(),
      onEvidence: (evidence) => this.#reportOffence(evidence),
      onFatal: (fault) => this.#fail(fault),
      log,
    });
  }

  #assembleInbox(): TransactionInbox {
    const { pool, bodies } = this.#parts;
    return new TransactionInbox({
      chain: this.#deps.chain,
      pool,
      clock: monotonicMs,
      defer: setImmediate,
      onSeen: (transaction) => {
        if (bodies.offer(transaction)) this.#arrivals.onBody();
      },
      onAdmitted: () => {
        this.#activity.note();
        this.#workClock.onAdmitted();
      },
      onRefused: (publisher, encoded, fault) => {
        // Whoever saw it go by learns from the next heartbeats that nothing waits here.
        this.#activity.note();
        this.#refusals.refuse(publisher, encoded, fault);
      },
    });
  }

  #assembleStatuses(): PeerStatuses {
    const { chain, log } = this.#deps;
    return new PeerStatuses(
      {
        chain,
        state: () => this.#parts.ledger.head.state,
        onStatus: (publisher, { height, poolSize }) => {
          this.#sync.fetcher.hint(publisher, height);
          if (this.#sealers.has(publisher)) {
            // While transactions wait anywhere, silence must mean that a node is gone.
            if (poolSize > 0) this.#activity.note();
            this.#host.post({ type: "peerStatus", publisher, height });
          }
        },
        onEcho: ({ timeMs }) => this.#roundTrip.add(Date.now() - timeMs),
        onOwnKeyElsewhere: () => {
          log.error({}, "node: this node's key signs in another process");
          this.#host.post({ type: "ownKeyElsewhere" });
        },
        onInvalid: (publisher, { code }) => log.debug({ publisher, code }, "status refused"),
      },
      { ownId: this.#ownId, bootId: this.#bootId, startedMs: this.#startedMs },
    );
  }

  #assembleUpkeep(limits: DiskLimits): Upkeep {
    const { chain, signer, store, control, data, log } = this.#deps;
    const { pool } = this.#parts;
    return assembleUpkeep(
      {
        ...{ chain, signer, store, log, parts: this.#parts, sync: this.#sync, bus: this.#bus },
        links: [control, data],
        engine: this.#host,
        isActive: () => pool.size > 0 || this.#activity.isActive,
      },
      { home: this.#home, bootId: this.#bootId, startedMs: this.#startedMs, limits },
    );
  }

  #listen(): void {
    this.#bus.listen({
      onConsensus: (publisher, bytes) => {
        if (this.#plans.onMessage(publisher, bytes)) return;
        this.#host.post({ type: "message", publisher, bytes });
      },
      onStatus: (publisher, bytes) => {
        if (this.#sync.archives.onMessage(publisher, bytes)) return;
        this.#statuses.onMessage(publisher, bytes);
      },
      onSync: (publisher, bytes) => this.#sync.onMessage(publisher, bytes),
      onTransactions: (publisher, bytes) => this.#inbox.push(publisher, bytes),
    });
  }

  #onControl(connected: boolean): void {
    this.#host.post({ type: connected ? "connected" : "disconnected" });
    if (!connected) return;
    this.#upkeep.beacons.onConnected();
    this.#sync.fetcher.probe(this.#sealers.ids.filter((id) => id !== formatHex(this.#ownId)));
    if (this.#isReady) return;
    this.#isReady = true;
    this.#deps.onReady(this.height);
  }

  #onNewHead(isFromSync: boolean, seal: Seal): void {
    this.#activity.note();
    this.#postNewHeight(seal);
    this.#plans.onNewHead();
    this.#workClock.onNewHeight();
    if (isFromSync) this.#upkeep.beacons.statusSoon();
    else this.#sync.fetcher.onHead();
  }

  #postNewHeight(parentSeal?: Seal): void {
    const [{ chain }, { head }] = [this.#deps, this.#parts.ledger];
    const { policy } = chain.genesis;
    const missing = missingSuite(chain, head);
    const { baseTimeoutMs } = this.#roundTrip;
    if (missing !== undefined) this.#fail(missing);
    else this.#host.post(newHeightOn({ head, parentSeal }, policy, Date.now(), baseTimeoutMs));
  }

  #onPeerHeight(publisher: string, height: number): void {
    if (height > this.height + 1) this.#sync.fetcher.hint(publisher, height - 1);
    // It is behind: a status tells it so, and it asks for the blocks.
    else this.#upkeep.beacons.statusSoon();
  }

  #onUnknownDecided(height: number, seal: Seal): void {
    const { chain, log } = this.#deps;
    const { validators } = this.#parts.ledger.head.validators;
    log.warn({ height }, "consensus: decided without the bodies");
    for (const id of signersOf(chain.suite.hash, validators, seal)) {
      this.#sync.fetcher.hint(id, height);
    }
  }

  /** Every validator that has seen it says so; the first that stands in a block is enough. */
  #reportOffence(evidence: Uint8Array): void {
    const { chain, signer } = this.#deps;
    const message = encodeTransactions([signEvidence(chain, signer, this.height, evidence)]);
    this.#inbox.push(formatHex(this.#ownId), message);
    this.#bus.transactions(message);
  }

  readonly #tellRefusal = (receiver: string, encoded: Uint8Array, fault: Fault): void => {
    // A validator only passes others' transactions on.
    if (this.#sealers.has(receiver)) return;
    const txHash = leafHash(this.#deps.chain.suite.hash, encoded);
    const { code, message } = fault;
    const refusal = { txHash, code, detail: message, headHeight: this.height };
    this.#bus.refusal(receiver, encodeRefusal(refusal));
  };

  #fail(fault: Fault): void {
    this.#host.stop();
    this.#deps.onFatal(fault);
  }
}
