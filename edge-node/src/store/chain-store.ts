import { stat } from "node:fs/promises";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { decodeBlock } from "@gridledger/protocol/ledger/block";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import type { Handover } from "@gridledger/protocol/ledger/handover";
import { type Header, headerHash } from "@gridledger/protocol/ledger/header";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { PAGE_BLOCKS } from "@gridledger/protocol/messages/block-pages";
import type { Execution } from "../state/executor.ts";
import { type RecentTransaction, readRecent } from "../state/recent-transactions.ts";
import { StateView } from "../state/state-view.ts";
import { BlockPruning, type FileUse } from "./block-pruning.ts";
import { ContractRecords } from "./contract-records.ts";
import { IncomingSnapshot } from "./incoming-snapshot.ts";
import { Sqlite } from "./sqlite.ts";
import { asBuffer, checksum } from "./state-blobs.ts";
import { checkedBlob, StateSnapshots } from "./state-snapshots.ts";

const SCHEMA_VERSION = 1;
/** A larger file is checked where it is read, so that a start stays short. */
const QUICK_CHECK_BYTES = 64 * 1024 * 1024;

/** The last block that the store holds. */
export interface StoredHead {
  readonly header: Header;
  readonly encodedHeader: Uint8Array;
  readonly hash: Uint8Array;
  /** Times of the blocks before it, as many as a head remembers. */
  readonly timesBeforeMs: readonly number[];
}

export interface LoadedChain {
  /** Undefined where only the genesis is known. */
  readonly head: StoredHead | undefined;
  readonly tree: StateTree;
  readonly recent: readonly RecentTransaction[];
}

/** A final block with what it did. */
export interface FinalBlock {
  readonly header: Header;
  readonly hash: Uint8Array;
  /** As `ledger/block` encodes it. */
  readonly encoded: Uint8Array;
  readonly execution: Execution;
  /** Where the block hands over to another validator set. */
  readonly handover: Handover | undefined;
}

interface Log {
  warn(data: object, message: string): void;
}

interface ChainStoreDeps {
  readonly chain: Chain;
  readonly log?: Log;
}

interface Pending {
  readonly block: FinalBlock;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * Final blocks and the state in `chain.sqlite`. A block is written with all its effects or not at
 * all; blocks that wait are written together. What cannot be read as it was written is never guessed
 * at: the file is named and the node does not start.
 */
export class ChainStore {
  readonly #chain: Chain;
  readonly #log: Log | undefined;
  readonly #file: string;
  readonly #sqlite: Sqlite;
  readonly #snapshots: StateSnapshots;
  readonly #pruning: BlockPruning;
  /** Receipts, and the names of contract transactions. */
  readonly contracts: ContractRecords;
  /** A snapshot that is coming in, and what proves the validator sets. */
  readonly incoming: IncomingSnapshot;
  #pending: Pending[] = [];
  #writing: Promise<void> | undefined;
  /** After a write that failed nothing more is written, or the chain would have a hole. */
  #broken: Fault | undefined;

  constructor({ chain, log }: ChainStoreDeps, file: string) {
    this.#chain = chain;
    this.#log = log;
    this.#file = file;
    this.#sqlite = new Sqlite(file);
    this.#snapshots = new StateSnapshots(this.#sqlite);
    this.#pruning = new BlockPruning(this.#sqlite);
    this.contracts = new ContractRecords(this.#sqlite);
    this.incoming = new IncomingSnapshot(this.#sqlite, this.#pruning);
  }

  /** @throws Fault STORE_CORRUPT, STORE_IN_USE, STORE_FAILED, CHAIN_MISMATCH */
  async open(): Promise<LoadedChain> {
    try {
      await this.#sqlite.open();
      await this.#configure();
      await this.#checkFile();
      return await this.#load();
    } catch (thrown) {
      await this.#sqlite.close();
      throw this.#named(thrown);
    }
  }

  /** What is there now: after a snapshot came in. @throws Fault STORE_CORRUPT */
  async load(): Promise<LoadedChain> {
    try {
      return await this.#load();
    } catch (thrown) {
      throw this.#named(thrown);
    }
  }

  /** Resolves when the block is on disk. Blocks must come in the order of their heights. */
  append(block: FinalBlock): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ block, resolve, reject });
      this.#writing ??= this.#writePending();
    });
  }

  /** Encoded blocks from a height on: at least one if there is one, together at most `maxBytes`. */
  async read(fromHeight: number, maxBlocks: number, maxBytes: number): Promise<Uint8Array[]> {
    if (fromHeight < this.firstHeight) return [];
    const sizes = await this.#sqlite.all(
      "SELECT height, length(block) AS bytes FROM blocks WHERE height >= ? ORDER BY height LIMIT ?",
      [fromHeight, Math.min(maxBlocks, PAGE_BLOCKS)],
    );
    let bytes = 0;
    const fitting = sizes.filter((row) => {
      bytes += Number(row.bytes);
      return bytes <= maxBytes;
    });
    const rows = await this.#sqlite.all(
      "SELECT height, block, crc FROM blocks WHERE height >= ? ORDER BY height LIMIT ?",
      [fromHeight, sizes.length === 0 ? 0 : Math.max(1, fitting.length)],
    );
    try {
      return rows.map((row) => checkedBlob(row, `block ${row.height}`));
    } catch (thrown) {
      throw this.#named(thrown);
    }
  }

  /** The lowest height whose block is here: what stands below was pruned or never fetched. */
  get firstHeight(): number {
    return this.#pruning.firstHeight;
  }

  /** Hash of a block that is here. */
  async hashAt(height: number): Promise<Uint8Array | undefined> {
    const row = await this.#sqlite.get("SELECT hash FROM blocks WHERE height = ?", [height]);
    return row?.hash instanceof Uint8Array ? row.hash : undefined;
  }

  /** The block of a height, perhaps without its transactions, for its header and seal. */
  async sealedAt(height: number): Promise<Uint8Array | undefined> {
    const row = await this.#sqlite.get("SELECT block, crc FROM blocks WHERE height = ?", [height]);
    return row === undefined ? undefined : checkedBlob(row, `block ${height}`);
  }

  /** Room in the file. */
  use(): Promise<FileUse> {
    return this.#pruning.use();
  }

  /** Deletes some of the blocks below a height, never the head; true while there are more. */
  pruneStep(belowHeight: number): Promise<boolean> {
    return this.#pruning.step(belowHeight);
  }

  /** Gives some free room back to the disk; true while there is more. */
  compactStep(): Promise<boolean> {
    return this.#pruning.compactStep();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#sqlite.close();
  }

  async #configure(): Promise<void> {
    // One process per store: a second one would run the same key (docs/consensus.md §4).
    await this.#sqlite.run("PRAGMA locking_mode = EXCLUSIVE");
    await this.#pruning.enable();
    await this.#sqlite.run("PRAGMA journal_mode = WAL");
    await this.#sqlite.run("PRAGMA synchronous = FULL");
    await this.#sqlite.run("PRAGMA cache_size = -2048");
    await this.#sqlite.run("PRAGMA journal_size_limit = 8388608");
    await this.#sqlite.run(
      `CREATE TABLE IF NOT EXISTS blocks (height INTEGER PRIMARY KEY, hash BLOB NOT NULL,
       time_ms INTEGER NOT NULL, crc INTEGER NOT NULL, block BLOB NOT NULL)`,
    );
    await this.#sqlite.run("CREATE INDEX IF NOT EXISTS blocks_by_hash ON blocks (hash)");
    await this.#sqlite.run(
      "CREATE TABLE IF NOT EXISTS meta (version INTEGER NOT NULL, chain_id BLOB NOT NULL)",
    );
    await this.contracts.createTables();
    await this.#snapshots.createTables();
    await this.#pruning.createTables();
    await this.incoming.createTables();
  }

  async #checkFile(): Promise<void> {
    if ((await stat(this.#file)).size <= QUICK_CHECK_BYTES) {
      const row = await this.#sqlite.get("PRAGMA quick_check(1)");
      if (row?.quick_check !== "ok") {
        throw new Fault("STORE_CORRUPT", `quick_check says: ${String(row?.quick_check)}`);
      }
    }
    const meta = await this.#sqlite.get("SELECT version, chain_id FROM meta");
    if (meta === undefined) {
      await this.#sqlite.run("INSERT INTO meta (version, chain_id) VALUES (?, ?)", [
        SCHEMA_VERSION,
        asBuffer(this.#chain.chainId),
      ]);
      return;
    }
    if (meta.version !== SCHEMA_VERSION) {
      throw new Fault("STORE_FAILED", `schema version ${String(meta.version)} is not supported`);
    }
    if (!(meta.chain_id instanceof Uint8Array) || !equalBytes(meta.chain_id, this.#chain.chainId)) {
      throw new Fault("CHAIN_MISMATCH", "the store belongs to another genesis");
    }
  }

  async #load(): Promise<LoadedChain> {
    await this.#pruning.load();
    const head = await this.#loadHead();
    const height = head?.header.height ?? 0;
    const tree = await this.#snapshots.load(genesisState(this.#chain), height);
    if (head !== undefined && !equalBytes(tree.root, head.header.stateRoot)) {
      throw new Fault("STORE_CORRUPT", `the state is not the one of block ${height}`);
    }
    return { head, tree, recent: readRecent(new StateView(tree), height) };
  }

  async #loadHead(): Promise<StoredHead | undefined> {
    const row = await this.#sqlite.get(
      "SELECT height, hash, crc, block FROM blocks ORDER BY height DESC LIMIT 1",
    );
    if (row === undefined) return undefined;
    const { header, encodedHeader } = decodeBlock(checkedBlob(row, `block ${row.height}`));
    const hash = headerHash(this.#chain.suite.hash, encodedHeader);
    if (header.height !== row.height || !equalBytes(hash, row.hash as Uint8Array)) {
      throw new Fault("STORE_CORRUPT", `block ${row.height} is not the one that was stored`);
    }
    const before = await this.#sqlite.all(
      "SELECT time_ms FROM blocks WHERE height < ? ORDER BY height DESC LIMIT 10",
      [header.height],
    );
    const times = before.map((block) => Number(block.time_ms)).reverse();
    const { createdMs } = this.#chain.genesis;
    const timesBeforeMs = times.length === header.height - 1 ? [createdMs, ...times] : times;
    return { header, encodedHeader: Buffer.from(encodedHeader), hash, timesBeforeMs };
  }

  async #writePending(): Promise<void> {
    while (this.#pending.length > 0) {
      const group = this.#pending;
      this.#pending = [];
      try {
        await this.#writeGroup(group);
        for (const { resolve } of group) resolve();
      } catch (thrown) {
        this.#broken ??= this.#named(thrown);
        for (const { reject } of group) reject(this.#broken);
        continue;
      }
      await this.#snapshotIfDue(group.at(-1)!.block);
    }
    this.#writing = undefined;
  }

  async #writeGroup(group: readonly Pending[]): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    await this.#sqlite.transaction(async () => {
      for (const { block } of group) await this.#insert(block);
    });
  }

  async #insert({ header, hash, encoded, execution, handover }: FinalBlock): Promise<void> {
    const { height, timeMs } = header;
    await this.#sqlite.run(
      "INSERT INTO blocks (height, hash, time_ms, crc, block) VALUES (?, ?, ?, ?, ?)",
      [height, asBuffer(hash), timeMs, checksum(encoded), asBuffer(encoded)],
    );
    await this.#snapshots.append(height, execution.writes);
    await this.contracts.insert({ height, receipts: execution.receipts }, execution.names);
    if (handover !== undefined) await this.incoming.keepHandover(height, handover);
  }

  /** A snapshot only saves room and time: where it fails, the next block tries again. */
  async #snapshotIfDue({ header, execution }: FinalBlock): Promise<void> {
    if (!this.#snapshots.isDue) return;
    try {
      await this.#snapshots.take(header.height, execution.tree);
    } catch (fault) {
      this.#log?.warn({ fault, height: header.height }, "store: no snapshot");
    }
  }

  /** The fault with the file's name; what does not decode is damage. */
  #named(thrown: unknown): Fault {
    const fault = asFault(thrown);
    if (fault.data.file !== undefined) return fault;
    const isDamage = /^(CBOR_|BLOCK_|SEAL_)/.test(fault.code);
    const code = isDamage ? "STORE_CORRUPT" : fault.code;
    const data = { file: this.#file };
    return new Fault(code, `${this.#file}: ${fault.message}`, { data, cause: fault });
  }
}
