import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { formatHex } from "@gridledger/protocol/hex";
import { AuditAnchorTable } from "./anchoring/audit-anchor-table.ts";
import { startAuditAnchoring } from "./anchoring/start-audit-anchoring.ts";
import type { Broker } from "./broker/broker.ts";
import { startBroker } from "./broker/start-broker.ts";
import type { Bus } from "./bus.ts";
import type { CertificateAuthority } from "./ca/certificate-authority.ts";
import { startCa } from "./ca/start-ca.ts";
import { CertificateTable } from "./ca/tables/certificate-table.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { HubConfig } from "./config.ts";
import { ChainStatus } from "./feed/chain-status.ts";
import { Feed } from "./feed/feed.ts";
import { HttpServer } from "./http-server.ts";
import type { Accounts } from "./identity/accounts.ts";
import { OPERATOR } from "./identity/login.ts";
import { type Identity, startIdentity } from "./identity/start-identity.ts";
import { ArchiveService } from "./index/archive/archive.ts";
import { ChainIndex } from "./index/chain-index.ts";
import { Directory } from "./index/directory.ts";
import { removalEffect } from "./index/governance/removal-effect.ts";
import { bindChain } from "./index/query/load-head.ts";
import { requireRole } from "./index/require-role.ts";
import { revokedIn } from "./index/revoked-in.ts";
import { startKeyTurners } from "./keys/start-key-turners.ts";
import type { Log } from "./log.ts";
import { type Mappings, startMappings } from "./mapping/start-mappings.ts";
import type { MarketQueries } from "./market/market-queries.ts";
import { OrderJudge } from "./market/order-judge.ts";
import { startMarket } from "./market/start-market.ts";
import { onNextFreePort } from "./next-free-port.ts";
import { tellAlarms } from "./objects/copies/tell-alarms.ts";
import { type Objects, startObjects } from "./objects/start-objects.ts";
import { checkSubmission } from "./outbox/check-submission.ts";
import { Enroller } from "./outbox/enroller.ts";
import { Outbox } from "./outbox/outbox.ts";
import { OutboxTable } from "./outbox/outbox-table.ts";
import { type Recovery, startRecovery } from "./recovery/start-recovery.ts";
import { Relay } from "./relay/relay.ts";
import { makeApp } from "./rest/app.ts";
import { EventStreams } from "./rest/event-streams.ts";
import { Metrics } from "./rest/metrics.ts";
import { isLoopback } from "./rest/security.ts";
import { Store } from "./store/store.ts";
import type { ClientCertificates } from "./tls/client-certificates.ts";
import { readServerTls, type ServerTlsFiles, TlsWatch } from "./tls/tls-files.ts";
import { version } from "./version.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

interface HubDeps {
  readonly log: Log;
  readonly clock?: Clock;
  /** Told once, to whoever started the hub. */
  readonly onOneTimePassword: (user: string, password: string) => void;
}

interface Stoppable {
  stop(): unknown;
}

/** What stands when the doors open. */
interface Parts {
  readonly index: ChainIndex;
  readonly outbox: Outbox;
  readonly directory: Directory;
  readonly identity: Identity;
  readonly broker: Broker;
  /** Judges TLS clients. */
  readonly certificates: ClientCertificates;
  readonly relay: Relay;
  readonly enroller: Enroller;
  readonly authority: CertificateAuthority | undefined;
  readonly webhooks: Webhooks;
  readonly recovery: Recovery;
  readonly market: MarketQueries;
  readonly store: Store;
  readonly objects: Objects;
}

export interface HubAddress {
  readonly httpPort: number;
  readonly mqttPort: number;
  /** Undefined without TLS. */
  readonly mqttsPort?: number;
  readonly url: string;
  readonly height: number;
}

/** The hub: broker, follower, index, REST, put together here and nowhere else. */
export class Hub {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #deps: HubDeps;
  readonly #config: HubConfig;
  /** In the order in which they started. */
  #started: Stoppable[] = [];

  constructor(deps: HubDeps, config: HubConfig) {
    this.#deps = deps;
    this.#log = deps.log;
    this.#clock = deps.clock ?? systemClock;
    this.#config = config;
  }

  /** @throws Fault CONFIG_INVALID, STORE_CORRUPT, CHAIN_MISMATCH, PORT_IN_USE */
  async start(): Promise<HubAddress> {
    try {
      return await this.#start();
    } catch (thrown) {
      await this.stop();
      throw thrown;
    }
  }

  async stop(): Promise<void> {
    const started = this.#started;
    this.#started = [];
    for (const part of started.reverse()) {
      try {
        await part.stop();
      } catch (thrown) {
        this.#log.error({ err: thrown }, "a part did not stop cleanly");
      }
    }
  }

  async #start(): Promise<HubAddress> {
    const { chain, home, keys, operatorKeys } = this.#config;
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const store = this.#keep(new Store({ file: join(home, "hub.sqlite") }));
    await store.start();
    await store.transaction((db) => bindChain(db, chain));
    const directory = new Directory(chain.suite);
    await directory.load(store.read);
    const self = requireRole(keys.id, directory, "hub");
    if (operatorKeys) requireRole(operatorKeys.id, directory, "operator");
    const keep = (broker: Broker) => void this.#keep(broker);
    const rooms = { directory, clock: this.#clock, log: this.#log, keep };
    const door = await startBroker(rooms, this.#config);
    const { broker, certificates } = door;
    const [log, clock, bus] = [this.#log, this.#clock, broker];
    const index = new ChainIndex({ chain, store, directory, bus, clock, log }, { self });
    const outbox = this.#keep(
      new Outbox(
        {
          ...{ chain, bus, clock, log },
          table: new OutboxTable(store),
          findIdentity: (id) => directory.find(id),
          validators: () => index.sets.latest.validators,
          headHeight: () => index.head.height,
          finalHeight: (hash) => index.transactions.heightOf(hash),
        },
        { self },
      ),
    );
    index.listen({
      onBlocks: (blocks) => {
        for (const { block } of blocks) outbox.onFinal(block.txHashes, block.header.height);
        for (const id of revokedIn(blocks, directory)) broker.disconnect(id);
      },
    });
    const relay = this.#makeRelay(index, bus, self);
    await this.#keep(index).start();
    relay.start();
    const archive = this.#keep(
      new ArchiveService({ chain, keys, store, bus, clock, log, head: () => index.head }, { self }),
    );
    archive.start();
    index.listen({ onBlocks: () => archive.onBlocks() });
    await outbox.start();
    const findIdentity = (id: string) => directory.find(id);
    const now = () => clock.now();
    const identity = await startIdentity({ store, chain, self, findIdentity, certificates, now });
    const { accounts, oneTimePassword: password } = identity;
    if (password !== undefined) this.#deps.onOneTimePassword(OPERATOR, password);
    const { audit } = identity;
    this.#keep(startAuditAnchoring({ chain, keys, store, index, outbox, audit, clock, log }));
    const enroller = this.#makeEnroller({ index, outbox, directory });
    const parts = { index, outbox, directory, broker, certificates, enroller };
    const objects = this.#keep(await this.#startObjects({ ...parts, store }));
    const authority = await this.#startCa({ ...parts, store, accounts });
    const webhooks = this.#keep(this.#makeWebhooks({ store, index, identity }));
    const recovery = this.#makeRecovery({ ...parts, store, identity, authority });
    const market = this.#startMarket({ store, index, outbox });
    const doors = { identity, relay, authority, webhooks, recovery, market, objects };
    const http = await this.#startHttp({ ...parts, ...doors, store });
    await webhooks.start();
    this.#startTurners({ ...parts, webhooks });
    this.#keep({ stop: () => outbox.endWaits() }); // first, so that no part waits for the chain
    const { mqttPort, mqttsPort } = door;
    const ports = { mqttPort, ...(mqttsPort !== undefined && { mqttsPort }) };
    return { ...http, ...ports, height: index.head.height };
  }

  #makeRelay(index: ChainIndex, bus: Bus, self: string): Relay {
    const { chain } = this.#config;
    const setAt = (height: number) => index.sets.at(height);
    return new Relay(
      { chain, bus, log: this.#log, headHeight: () => index.head.height, setAt },
      { channel: chain.genesis.channel, self },
    );
  }

  #makeEnroller({ index, outbox, directory }: Pick<Parts, "index" | "outbox" | "directory">) {
    const { chain, operatorKeys } = this.#config;
    return new Enroller({
      chain,
      keys: operatorKeys,
      headHeight: () => index.head.height,
      isKnown: (id) => directory.find(id) !== undefined,
      submit: (encoded, waitMs) => outbox.submit(encoded, waitMs),
    });
  }

  #startTurners(parts: Pick<Parts, "index" | "outbox" | "directory" | "webhooks">): void {
    const { index, outbox, directory, webhooks } = parts;
    const { chain, turning, keyDays } = this.#config;
    const [log, clock] = [this.#log, this.#clock];
    const headHeight = () => index.head.height;
    const deps = { chain, outbox, directory, keys: index.keys, headHeight, webhooks, clock, log };
    this.#keep(startKeyTurners(deps, turning, keyDays));
  }

  #makeWebhooks({ store, index, identity }: Pick<Parts, "index" | "identity"> & { store: Store }) {
    const { audit } = identity;
    const [log, clock] = [this.#log, this.#clock];
    const rules = { allowsLoopback: isLoopback(this.#config.host) };
    return new Webhooks({ store, contracts: index.contracts, audit, clock, log }, rules);
  }

  #makeRecovery(
    parts: Pick<Parts, "index" | "outbox" | "directory" | "identity" | "authority"> & {
      readonly store: Store;
    },
  ): Recovery {
    const { index, identity, authority } = parts;
    return startRecovery({
      ...{ ...parts, chain: this.#config.chain, audit: identity.audit },
      ...{ certificates: authority?.certificates, now: () => this.#clock.now() },
      finalHeight: (hash) => index.transactions.heightOf(hash),
    });
  }

  #startMarket(parts: Pick<Parts, "index" | "outbox"> & { store: Store }): MarketQueries {
    const { chain, operatorKeys: keys } = this.#config;
    const [log, clock] = [this.#log, this.#clock];
    const { queries, running } = startMarket({ ...parts, chain, keys, clock, log });
    for (const part of running) this.#keep(part);
    return queries;
  }

  #startObjects(
    parts: Pick<Parts, "index" | "outbox" | "directory" | "broker"> & { readonly store: Store },
  ) {
    const { index, outbox, directory, store } = parts;
    const { chain, home, keys } = this.#config;
    const [log, clock] = [this.#log, this.#clock];
    const findIdentity = (id: string) => directory.find(id);
    const check = (encoded: Uint8Array) => checkSubmission(chain, findIdentity, encoded);
    const table = new CertificateTable(store);
    const certificatesOf = async (identity: string) =>
      (await table.everyOf(identity)).map(({ encoded }) => encoded);
    const who = { check, findIdentity, certificatesOf };
    const rooms = { index, outbox, store, bus: parts.broker, copies: this.#config.copies };
    return startObjects({ chain, keys, ...rooms, ...who, clock, log }, home);
  }

  async #startCa(
    parts: Pick<
      Parts,
      "index" | "outbox" | "directory" | "broker" | "certificates" | "enroller"
    > & {
      readonly store: Store;
      readonly accounts: Accounts;
    },
  ): Promise<CertificateAuthority | undefined> {
    const { ca, chain, keys, operatorKeys } = this.#config;
    if (ca === undefined) return undefined;
    const { index, broker } = parts;
    const [log, clock] = [this.#log, this.#clock];
    const deps = {
      ...{ ...parts, chain, operatorKeys, log, clock, bus: broker },
      headHeight: () => index.head.height,
      describeRemoval: (publicKey: Uint8Array) => removalEffect(index, publicKey),
    };
    const self = formatHex(keys.id);
    return this.#keep(await startCa(deps, self, ca));
  }

  async #startMappings(
    { index, outbox, store, identity, webhooks }: Parts,
    feed: Feed,
  ): Promise<Mappings | undefined> {
    const { chain, keys, mapping } = this.#config;
    if (mapping === undefined) return undefined;
    const [log, clock] = [this.#log, this.#clock];
    const rooms = { store, index, outbox, audit: identity.audit, webhooks };
    const onAlarm = (alarm: Parameters<Feed["alarm"]>[0]) => feed.alarm(alarm);
    const deps = { chain, keys, ...rooms, clock, log, onAlarm };
    return this.#keep(await startMappings(deps, mapping));
  }

  async #startHttp(parts: Parts): Promise<{ httpPort: number; url: string }> {
    const { chain, host, httpPort, anonymousReads, dashboardDir, keyDays } = this.#config;
    const { tls: files } = this.#config;
    const { index, outbox, directory, identity, broker, relay, enroller, authority } = parts;
    const { webhooks, recovery, market, objects, store } = parts;
    const [log, clock] = [this.#log, this.#clock];
    const spooled = () => outbox.size;
    const status = new ChainStatus({ chain, index, clock, spooled }, { version });
    const feed = this.#keep(new Feed({ chain, index, status, clock, log }));
    feed.start();
    const { alarms } = objects.copies;
    tellAlarms({ alarms, audit: identity.audit, webhooks, feed, log });
    const mappings = await this.#startMappings(parts, feed);
    const streams = new EventStreams({ feed, clock });
    streams.start();
    identity.listen(() => streams.recheck());
    const metrics = new Metrics({
      ...{ status, spooled },
      streams: () => streams.size,
      broker: () => broker.stats,
      relay: () => relay.stats,
      copies: () => objects.copies.service.summary(),
      nodes: () =>
        index.nodes().map(({ id, name }) => ({ name, telemetry: index.telemetry.of(id) })),
    });
    const app = makeApp(
      {
        ...{ chain, index, outbox, directory, enroller, status, streams, metrics, log },
        ...identity,
        ...{ authority, webhooks, recovery, market, mappings },
        orderJudge: new OrderJudge({ index, clock }),
        ...{ objectDesk: objects.desk, objectReader: objects.reader },
        bundler: objects.bundler,
        auditAnchors: new AuditAnchorTable(store),
        copies: objects.copies,
        chainStatus: status,
        keyDays,
        findIdentity: (id) => directory.find(id),
        now: () => clock.now(),
      },
      { version, anonymousReads, dashboardDir, isLoopbackOnly: isLoopback(host) },
    );
    const tls = files && readServerTls(files);
    const { server, started } = await onNextFreePort(httpPort, async (port) => {
      const made = new HttpServer(app, { host, port, tls });
      const { port: taken } = await made.start();
      return { server: this.#keep(made), started: taken };
    });
    if (files !== undefined) this.#watchTls(files, parts, server);
    this.#keep(streams);
    const shownHost = host.includes(":") ? `[${host}]` : host;
    return { httpPort: started, url: `${tls ? "https" : "http"}://${shownHost}:${started}/` };
  }

  #watchTls(
    files: ServerTlsFiles,
    { broker, certificates }: Pick<Parts, "broker" | "certificates">,
    server: HttpServer,
  ): void {
    const watch = new TlsWatch({
      files,
      onRenewed: (tls) => {
        // First, because what cannot be read must not be half taken.
        certificates.renew(tls.authorities);
        broker.renewTls(tls);
        server.renewTls(tls);
        this.#log.info({}, "the TLS certificate or its authorities were renewed");
      },
      onFault: (thrown) => this.#log.error({ err: thrown }, "the TLS files cannot be read"),
    });
    watch.start();
    this.#keep(watch);
  }

  #keep<Part extends Stoppable>(part: Part): Part {
    this.#started.push(part);
    return part;
  }
}
