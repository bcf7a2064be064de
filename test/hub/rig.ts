import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_COPIES } from "@gridledger/protocol/copies/copy-policy";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { soleRing } from "@gridledger/protocol/keys/key-ring";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { topics } from "@gridledger/protocol/topics";
import { AuditAnchorTable } from "../../hub/src/anchoring/audit-anchor-table.ts";
import { AuthorityFolder } from "../../hub/src/ca/authority-folder.ts";
import { startCa } from "../../hub/src/ca/start-ca.ts";
import { CertificateTable } from "../../hub/src/ca/tables/certificate-table.ts";
import { ChainStatus } from "../../hub/src/feed/chain-status.ts";
import { Feed } from "../../hub/src/feed/feed.ts";
import { startIdentity } from "../../hub/src/identity/start-identity.ts";
import { ArchiveService } from "../../hub/src/index/archive/archive.ts";
import { ChainIndex } from "../../hub/src/index/chain-index.ts";
import { Directory } from "../../hub/src/index/directory.ts";
import { bindChain } from "../../hub/src/index/query/load-head.ts";
import type { Log } from "../../hub/src/log.ts";
import type { Mappings } from "../../hub/src/mapping/start-mappings.ts";
import { MarketQueries } from "../../hub/src/market/market-queries.ts";
import { OrderJudge } from "../../hub/src/market/order-judge.ts";
import type { CopiesConfig } from "../../hub/src/objects/copies/start-copies.ts";
import { startObjects } from "../../hub/src/objects/start-objects.ts";
import { checkSubmission } from "../../hub/src/outbox/check-submission.ts";
import { Enroller } from "../../hub/src/outbox/enroller.ts";
import { Outbox } from "../../hub/src/outbox/outbox.ts";
import { OutboxTable } from "../../hub/src/outbox/outbox-table.ts";
import { startRecovery } from "../../hub/src/recovery/start-recovery.ts";
import { makeApp } from "../../hub/src/rest/app.ts";
import { EventStreams } from "../../hub/src/rest/event-streams.ts";
import { Metrics } from "../../hub/src/rest/metrics.ts";
import { Store } from "../../hub/src/store/store.ts";
import { ClientCertificates } from "../../hub/src/tls/client-certificates.ts";
import { Webhooks } from "../../hub/src/webhooks/webhooks.ts";
import { type BuiltBlock, type ChainBuilder, decideOf } from "../support/chain-builder.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { MemoryBus } from "../support/memory-bus.ts";

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

/** A log whose lines a test can read. */
function memoryLog(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };
  return {
    lines,
    log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
  };
}

/** Lets I/O run until the condition holds. */
export async function until(isDone: () => boolean, what: string): Promise<void> {
  const giveUpMs = Date.now() + 5_000;
  while (!isDone()) {
    if (Date.now() > giveUpMs) assert.fail(`never: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const NO_COPIES = {
  wanted: DEFAULT_COPIES,
  objects: 0,
  underReplicated: 0,
  copies: {},
  lookedMs: null,
};

interface RigOptions {
  readonly directory?: string;
  readonly bus?: MemoryBus;
  readonly anonymousReads?: boolean;
  readonly isLoopbackOnly?: boolean;
  readonly dashboardDir?: string;
  /** With a certificate authority of its own. */
  readonly hasAuthority?: boolean;
  /** Each with an issuing authority; by default one. */
  readonly organisations?: readonly string[];
  /** Whose client certificates are believed, PEM. */
  readonly clientAuthorities?: string;
  /** Tables of other databases. */
  readonly mappings?: Mappings;
  readonly copies?: CopiesConfig;
}

export type Rig = Awaited<ReturnType<typeof startRig>>;

function makeAuthorityFiles(
  suite: Suite,
  directory: string,
  nowMs: number,
  organisations: readonly string[] = ["Utility"],
) {
  const [folder, unlockFile] = [join(directory, "ca"), join(directory, "ca.unlock")];
  const files = new AuthorityFolder({ suite, folder, unlockFile });
  files.createRoot("Consortium", nowMs);
  for (const one of organisations) files.createIssuing(one, nowMs);
  return { folder, unlockFile, certificateDays: 365, publicUrl: "http://hub.example" };
}

/** A hub without sockets: the rooms as hub.ts wires them, on a bus in memory and a clock by hand. */
export async function startRig(builder: ChainBuilder, options: RigOptions = {}) {
  const { chain } = builder;
  const directoryPath = options.directory ?? mkdtempSync(join(tmpdir(), "gl-hub-"));
  const bus = options.bus ?? new MemoryBus();
  const clock = new ManualClock();
  const { log, lines } = memoryLog();
  const file = join(directoryPath, "hub.sqlite");
  const store = new Store({ file });
  await store.start();
  const directory = new Directory(chain.suite);
  try {
    await store.transaction((db) => bindChain(db, chain));
    await directory.load(store.read);
  } catch (thrown) {
    await store.stop();
    throw thrown;
  }
  const self = builder.hub.id;
  const index = new ChainIndex({ chain, store, directory, bus, clock, log }, { self });
  const outbox = new Outbox(
    {
      ...{ chain, bus, clock, log },
      table: new OutboxTable(store),
      findIdentity: (id) => directory.find(id),
      validators: () => index.sets.latest.validators,
      headHeight: () => index.head.height,
      finalHeight: (hash) => index.transactions.heightOf(hash),
    },
    { self },
  );
  index.listen({
    onBlocks: (blocks) => {
      for (const { block } of blocks) outbox.onFinal(block.txHashes, block.header.height);
    },
  });
  try {
    await index.start();
  } catch (thrown) {
    await store.stop();
    throw thrown;
  }
  const archive = new ArchiveService(
    {
      chain,
      keys: soleRing(chain.suite, builder.hub.signer),
      store,
      bus,
      clock,
      log,
      head: () => index.head,
    },
    { self },
  );
  archive.start();
  index.listen({ onBlocks: () => archive.onBlocks() });
  await outbox.start();
  const now = () => clock.now();
  const isRevoked = (key: Uint8Array) => directory.isRevokedCertificate(key);
  const certificates = new ClientCertificates(
    { hash: chain.suite.hash, now, isRevoked },
    options.clientAuthorities,
  );
  const identity = await startIdentity({
    ...{ store, chain, self, now, certificates },
    findIdentity: (id) => directory.find(id),
  });
  const password = identity.oneTimePassword;
  const spooled = () => outbox.size;
  const status = new ChainStatus({ chain, index, clock, spooled }, { version: "test" });
  const feed = new Feed({ chain, index, status, clock, log });
  feed.start();
  const streams = new EventStreams({ feed, clock });
  streams.start();
  identity.listen(() => streams.recheck());
  const metrics = new Metrics({
    ...{ status, spooled },
    streams: () => streams.size,
    copies: () => Promise.resolve(NO_COPIES),
    relay: () => ({ votes: 0, certificates: 0, refusals: {} }),
    broker: () => ({
      ...{ connections: 2, messagesIn: 0, bytesIn: 0, deliveries: 0, dropped: 0 },
      refusals: { MQTT_TOPIC: 3 },
    }),
    nodes: () => index.nodes().map(({ id, name }) => ({ name, telemetry: index.telemetry.of(id) })),
  });
  const operatorKeys = soleRing(chain.suite, builder.operator.signer);
  const enroller = new Enroller({
    chain,
    keys: operatorKeys,
    headHeight: () => index.head.height,
    isKnown: (id) => directory.find(id) !== undefined,
    submit: (encoded, waitMs) => outbox.submit(encoded, waitMs),
  });
  const authority = options.hasAuthority
    ? await startCa(
        {
          ...{ chain, store, directory, outbox, enroller, bus, clock, log },
          accounts: identity.accounts,
          operatorKeys,
          headHeight: () => index.head.height,
          describeRemoval: () => "4 of 4",
        },
        self,
        makeAuthorityFiles(chain.suite, directoryPath, clock.now(), options.organisations),
      )
    : undefined;
  const webhooks = new Webhooks(
    { store, contracts: index.contracts, audit: identity.audit, clock, log },
    { allowsLoopback: true },
  );
  await webhooks.start();
  const recovery = startRecovery({
    ...{ chain, store, directory, outbox, now, audit: identity.audit },
    certificates: authority?.certificates,
    finalHeight: (hash) => index.transactions.heightOf(hash),
  });
  const objects = await startObjects(
    {
      ...{ chain, index, outbox, store, bus, clock, log, copies: options.copies },
      keys: soleRing(chain.suite, builder.hub.signer),
      check: (encoded) => checkSubmission(chain, (id) => directory.find(id), encoded),
      findIdentity: (id) => directory.find(id),
      certificatesOf: async (identity) =>
        (await new CertificateTable(store).everyOf(identity)).map(({ encoded }) => encoded),
    },
    directoryPath,
  );
  const app = makeApp(
    {
      ...{ authority, webhooks, recovery, market: new MarketQueries(store) },
      orderJudge: new OrderJudge({ index, clock }),
      mappings: options.mappings,
      ...{ objectDesk: objects.desk, objectReader: objects.reader },
      bundler: objects.bundler,
      copies: objects.copies,
      ...{ chain, index, outbox, directory, enroller, status, streams, metrics, log, now },
      ...identity,
      auditAnchors: new AuditAnchorTable(store),
      chainStatus: status,
      keyDays: 365,
      findIdentity: (id) => directory.find(id),
    },
    {
      version: "test",
      anonymousReads: options.anonymousReads ?? true,
      isLoopbackOnly: options.isLoopbackOnly ?? true,
      dashboardDir: options.dashboardDir,
    },
  );
  const { channel } = chain.genesis;
  return {
    ...{
      app,
      authority,
      bus,
      clock,
      directory,
      feed,
      file,
      index,
      lines,
      objects,
      outbox,
      password,
      status,
      store,
      streams,
    },
    ...identity,
    directoryPath,
    /** Carries the transactions of a block and then its DECIDE. */
    carry(block: BuiltBlock) {
      if (block.transactions.length > 0) {
        bus.publish(topics.transaction(channel, self), encodeTransactions(block.transactions));
      }
      bus.publish(topics.consensus(channel, "k", builder.validators[0]!.id), decideOf(block));
    },
    async indexed(height: number) {
      await until(() => index.head.height >= height, `block ${height} is indexed`);
    },
    async stop(keepFiles = false) {
      outbox.endWaits();
      streams.stop();
      feed.stop();
      await webhooks.stop();
      await authority?.stop();
      await objects.stop();
      await outbox.stop();
      archive.stop();
      await index.stop();
      await store.stop();
      if (!keepFiles) rmSync(directoryPath, { recursive: true, force: true });
    },
  };
}
