import { chmod, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { HeldKey } from "@gridledger/protocol/keys/held-key";
import { KEY_USES_FILE } from "@gridledger/protocol/keys/key-uses";
import { finalityRule } from "@gridledger/protocol/ledger/finality";
import { type Chain, decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import type { NodeConfig, RpcConfig } from "./config.ts";
import type { EngineRegistry } from "./consensus/engine.ts";
import { loadBreakGlass } from "./engine/break-glass.ts";
import { EngineSchedule } from "./engine/engine-schedule.ts";
import { keyHolder, keyUsesAt } from "./keys/key-files.ts";
import { NodeRuntime } from "./node-runtime.ts";
import type { ConsensusLog, RuntimeLog } from "./runtime-ports.ts";
import { ChainStore, type LoadedChain } from "./store/chain-store.ts";
import { SnapshotStart } from "./sync/snapshot-start.ts";
import { type Link, LinkGroup } from "./transport/link-group.ts";
import { VerifierPool } from "./verifier/verifier-pool.ts";
import { startWorkerThread, threadsFor } from "./verifier/worker-thread.ts";

const FILE_MODE = 0o600;
/** Chunks of signatures that wait for a thread. */
const MAX_WAITING_CHUNKS = 32;

interface LinkPlan {
  readonly url: string;
  readonly clientId: string;
}

interface NodeDeps {
  readonly log: RuntimeLog & { level: string };
  readonly engines: EngineRegistry;
  readonly openWal: (folder: string) => ConsensusLog;
  readonly createLink: (
    identity: { readonly chain: Chain; readonly signer: Signer },
    plan: LinkPlan,
  ) => Link;
  /** The node has caught up with its files and reached a broker. */
  readonly onReady: (height: number) => void;
  /** The RPC answers on this port. */
  readonly onRpc: (port: number) => void;
  /** The node cannot go on; the process should end. */
  readonly onFatal: (fault: Fault) => void;
}

/** A validator, or a follower where its key is in no validator set. Composition root of its process. */
export class Node {
  readonly #deps: NodeDeps;
  readonly #config: NodeConfig;
  #store: ChainStore | undefined;
  #wal: ConsensusLog | undefined;
  #runtime: NodeRuntime | undefined;
  #rpc: { stop(): Promise<void> } | undefined;
  #copies: { stop(): Promise<void> } | undefined;
  #snapshot: SnapshotStart | undefined;
  #verifier: VerifierPool | undefined;
  #stopping: Promise<void> | undefined;

  constructor(deps: NodeDeps, config: NodeConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  /** The last final height, for tests and logs. */
  get height(): number {
    return this.#runtime?.height ?? 0;
  }

  /** @throws Fault GENESIS_INVALID, KEY_INVALID, CONFIG_INVALID, STORE_*, CHAIN_MISMATCH */
  async start(): Promise<void> {
    const { log, engines, openWal, onReady, onFatal } = this.#deps;
    const { home, maxDiskBytes, keepBlocks } = this.#config;
    const chain = decodeGenesis(await readGenesis(this.#config.genesis));
    const schedule = new EngineSchedule({ chain, engines });
    await mkdir(home, { recursive: true, mode: 0o700 });
    const key = this.#holdKey(chain);
    const signer = key.signer("consensus");
    const file = join(home, "chain.sqlite");
    await makePrivate(file);
    this.#store = new ChainStore({ chain, log }, file);
    const links = key.signer("connect");
    const loaded = await this.#begin(chain, links, this.#store);
    if (this.#stopping !== undefined) return;
    const document = await loadBreakGlass(chain, home);
    this.#wal = openWal(home);
    const restored = await this.#wal.open();
    const [control, data] = this.#lanes(chain, links);
    const store = this.#store;
    const wal = this.#wal;
    const verifier = this.#createVerifier(chain);
    this.#verifier = verifier;
    this.#runtime = new NodeRuntime(
      {
        chain,
        signer,
        store,
        wal,
        schedule,
        document,
        control,
        data,
        verifier,
        log,
        onReady,
        onFatal,
      },
      { home, loaded, limits: { maxDiskBytes, keepBlocks } },
    );
    await this.#runtime.start(restored);
    await this.#startCopies(chain, key.signer("copies"), data);
    if (this.#config.rpc !== undefined) await this.#startRpc(this.#runtime, this.#config.rpc);
  }

  #createVerifier(chain: Chain): VerifierPool {
    const { log } = this.#deps;
    const threads = threadsFor(chain, this.#config.verifyThreads);
    return new VerifierPool(
      { start: (events) => startWorkerThread(chain, events), log },
      { threads, maxWaiting: MAX_WAITING_CHUNKS },
    );
  }

  #holdKey(chain: Chain): HeldKey {
    const { key: path, unlock, name, home } = this.#config;
    const uses = keyUsesAt(join(home, KEY_USES_FILE));
    return keyHolder({ module: name, uses })(chain.suite, { path, unlock });
  }

  /** Its modules are loaded where they are wanted only: a gateway's memory is small. */
  async #startRpc(runtime: NodeRuntime, config: RpcConfig): Promise<void> {
    const { log } = this.#deps;
    const { createNodeRpc } = await import("./rpc/node-rpc.ts");
    const rpc = createNodeRpc({ name: this.#config.name, parts: runtime.view, log }, config);
    const { port } = await rpc.start();
    this.#rpc = rpc;
    log.info({ host: config.host, port }, "node: RPC is open");
    this.#deps.onRpc(port);
  }

  /** Its modules are loaded where they are wanted only. */
  async #startCopies(chain: Chain, signer: Signer, link: Link): Promise<void> {
    const { copyBytes: maxBytes, home } = this.#config;
    const view = this.#runtime?.view;
    if (maxBytes === undefined || view === undefined) return;
    const { startHolder } = await import("./copies/start-holder.ts");
    const { ledger, peers, submit } = view;
    const { log } = this.#deps;
    const deps = { chain, signer, link, peers, submit, log, head: () => ledger.head };
    this.#copies = startHolder(deps, { file: join(home, "copies.sqlite"), maxBytes });
  }

  /** Ends within two seconds; what was decided is on disk then. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#rpc?.stop();
    await this.#copies?.stop();
    await this.#snapshot?.stop();
    await this.#runtime?.stop();
    this.#verifier?.stop();
    await this.#wal?.close();
    await this.#store?.close();
  }

  /** What the store holds; a snapshot first where there is nothing yet and the configuration wants one. */
  async #begin(chain: Chain, signer: Signer, store: ChainStore): Promise<LoadedChain> {
    const loaded = await store.open();
    if (this.#config.sync === "full" || loaded.head !== undefined) return loaded;
    const { log } = this.#deps;
    if (finalityRule(chain).depth > 0) {
      // The work of a block is judged by the headers before it, which a snapshot does not hold.
      log.warn(
        { engine: chain.genesis.engine },
        "snapshot: not on this engine, every block is fetched",
      );
      return loaded;
    }
    const [link] = this.#lanes(chain, signer);
    const ownId = formatHex(identityId(chain.suite.hash, signer.publicKey));
    this.#snapshot = new SnapshotStart({ chain, store, link, log }, { ownId });
    return (await this.#snapshot.run()) ? store.load() : loaded;
  }

  /** Two connections to every broker: votes never stand behind a flood of transactions. */
  #lanes(chain: Chain, signer: Signer): [control: Link, data: Link] {
    const id = formatHex(identityId(chain.suite.hash, signer.publicKey));
    const lane = (clientId: string) =>
      new LinkGroup(
        this.#config.brokers.map((url) =>
          this.#deps.createLink({ chain, signer }, { url, clientId }),
        ),
      );
    return [lane(id), lane(`${id}-t`)];
  }
}

async function readGenesis(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (thrown) {
    const { cause } = asFault(thrown);
    throw new Fault("CONFIG_INVALID", `cannot read the genesis ${file}`, { cause });
  }
}

/**
 * Only its owner reads a node's files. Before SQLite opens it: the files beside it (-wal, -shm) get the
 * mode of the database.
 */
async function makePrivate(file: string): Promise<void> {
  try {
    await (await open(file, "a", FILE_MODE)).close();
    await chmod(file, FILE_MODE);
    for (const beside of [`${file}-wal`, `${file}-shm`]) {
      // After a clean end there is none.
      await chmod(beside, FILE_MODE).catch(() => undefined);
    }
  } catch (cause) {
    throw new Fault("STORE_FAILED", `${file} cannot be opened`, { cause });
  }
}
