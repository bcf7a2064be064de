import type { Hash } from "@gridledger/protocol/crypto/suite";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import type { MappedTable } from "@gridledger/protocol/rows/mapped-table";
import { encodeRowLeaf, encodeValues, rowLeafHash } from "@gridledger/protocol/rows/row-leaf";
import type { Knex } from "knex";
import type { BatchLeaves } from "./batch-leaves.ts";
import type { CopySeal } from "./copy-seal.ts";
import type { ReadRow, RowReader } from "./row-reader.ts";
import type { Finding, FindingKind } from "./tables/finding-table.ts";
import type { MappingStore } from "./tables/mapping-store.ts";
import type { MappingTables } from "./tables/mapping-tables.ts";
import type { RowPlace } from "./tables/row-table.ts";

const HASH_BYTES = 32;
/** Findings of one sweep among which swapped rows are looked for. */
const MAX_SWAPPED = 64;

interface FindingsDeps {
  readonly id: string;
  readonly mapped: MappedTable;
  readonly store: MappingStore;
  readonly tables: MappingTables;
  readonly hash: Hash;
  readonly reader: RowReader;
  readonly leaves: BatchLeaves;
  readonly seal: CopySeal;
  readonly now: () => number;
  readonly alarm: (finding: Finding) => void;
}

/** What was found: as the table is now, and as it was anchored. */
export interface Discovery {
  readonly kind: FindingKind;
  readonly key: Uint8Array;
  /** Undefined where the row is gone. */
  readonly row: ReadRow | undefined;
  /** Undefined where it was never anchored. */
  readonly place: RowPlace | undefined;
}

/** Finds names for what was done behind our back, freezes what proves it, and raises the alarm (guide §9.4). */
export class Findings {
  readonly #deps: FindingsDeps;
  /** Those that stand, by hex of the key. */
  readonly #open = new Map<string, Finding>();
  #changed: { readonly id: number; readonly row: ReadRow; readonly place: RowPlace }[] = [];

  constructor(deps: FindingsDeps) {
    this.#deps = deps;
  }

  async load(): Promise<void> {
    for (const finding of await this.#deps.tables.findings.open(this.#deps.id)) {
      this.#open.set(formatHex(finding.key), finding);
    }
  }

  get standing(): number {
    return this.#open.size;
  }

  /** One alarm a row, until it is sound again. */
  async record(discovery: Discovery): Promise<void> {
    const { tables, store, id, seal, now } = this.#deps;
    const name = formatHex(discovery.key);
    const { row, place, key } = discovery;
    const standing = this.#open.get(name);
    const isKnown = standing?.kind === discovery.kind || standing?.kind === "swapped";
    if (isKnown && discovery.kind !== "deleted") return;
    if (standing?.kind === "deleted" && discovery.kind === "deleted") return;
    const kind = await this.#kindOf(discovery);
    const finding = {
      ...{ mapping: id, key, kind, columns: await this.#columnsOf(discovery) },
      ...{ sinceMs: await this.#sinceMs(place), foundMs: now() },
      evidence: JSON.stringify(await this.#evidence(discovery)),
      copy: row === undefined ? null : seal.seal(this.#encode(row)),
    };
    const number = await store.transaction(async (db) => {
      if (standing !== undefined) await tables.findings.settle(db, standing.id, now(), null);
      return tables.findings.add(db, finding);
    });
    const kept = { ...finding, id: number, settledMs: null, settledHow: null };
    this.#open.set(name, kept);
    if (row !== undefined && place !== undefined) this.#changed.push({ id: number, row, place });
    this.#changed = this.#changed.slice(-MAX_SWAPPED);
    this.#deps.alarm(kept);
  }

  /** The row is as it was anchored. */
  async sound(key: Uint8Array): Promise<void> {
    if (this.#open.size === 0) return;
    const finding = this.#open.get(formatHex(key));
    if (finding === undefined) return;
    const { store, tables, now } = this.#deps;
    await store.transaction((db) => tables.findings.settle(db, finding.id, now(), "restored"));
    this.#open.delete(formatHex(key));
  }

  /** Within the transaction that anchors what was declared. */
  async settleDeclared(db: Knex, keys: readonly Uint8Array[]): Promise<void> {
    for (const key of keys) {
      const finding = this.#open.get(formatHex(key));
      if (finding === undefined) continue;
      await this.#deps.tables.findings.settle(db, finding.id, this.#deps.now(), "declared");
      this.#open.delete(formatHex(key));
    }
  }

  /** A changed row that holds what another one held: both were swapped. */
  async #kindOf({ kind, row, place }: Discovery): Promise<FindingKind> {
    if (kind !== "changed" || row === undefined || place === undefined) return kind;
    for (const other of this.#changed) {
      const hasOthers = await this.#isAsAnchored({ ...row, key: other.row.key }, other.place);
      if (!hasOthers) continue;
      await this.#deps.tables.findings.setKind(other.id, "swapped");
      const name = formatHex(other.row.key);
      const standing = this.#open.get(name);
      if (standing !== undefined) this.#open.set(name, { ...standing, kind: "swapped" });
      return "swapped";
    }
    return kind;
  }

  async #isAsAnchored(row: ReadRow, place: RowPlace): Promise<boolean> {
    const { hash, reader, leaves, id } = this.#deps;
    const anchored = (await leaves.of(id, place.batch))[place.place];
    const leaf = rowLeafHash(hash, reader.leafOf(place.batch, row));
    return anchored !== undefined && equalBytes(leaf, anchored);
  }

  async #columnsOf({ row, place }: Discovery): Promise<string[]> {
    const { mapped, reader } = this.#deps;
    if (row === undefined || place === undefined || !mapped.saltsPerColumn) return [];
    const before = await this.#commitments(place);
    const { commitments } = reader.leafOf(place.batch, row);
    return mapped.columns
      .filter((_, at) => !equalBytes(commitments[at]!, before[at]!))
      .map(({ name }) => name);
  }

  async #commitments({ batch, place }: RowPlace): Promise<Uint8Array[]> {
    const { reader, tables, id } = this.#deps;
    const bytes = await tables.batches.commitmentsOf(id, batch, place, reader.width * HASH_BYTES);
    return Array.from({ length: reader.width }, (_, at) =>
      bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
    );
  }

  /** When the row is known to have been sound: by its anchor's block, or by a sweep since then. */
  async #sinceMs(place: RowPlace | undefined): Promise<number> {
    if (place === undefined) return 0;
    const { tables, id } = this.#deps;
    const state = await tables.batches.state(id, place.batch);
    const swept = await tables.sweeps.startedMs(id, place.sweep);
    return Math.max(state?.blockMs ?? 0, swept ?? 0);
  }

  /** How the row was: leaf, path and anchor, which anybody can check with the chain. How it is: its hash. */
  async #evidence({ row, place }: Discovery): Promise<object> {
    const { hash, reader, tables, leaves, id, mapped } = this.#deps;
    const batch = place?.batch ?? 0;
    const current = row && formatHex(rowLeafHash(hash, reader.leafOf(batch, row)));
    if (place === undefined) return { current };
    const all = await leaves.of(id, batch);
    const state = await tables.batches.state(id, batch);
    const commitments = await this.#commitments(place);
    const kind = mapped.saltsPerColumn ? "columns" : "row";
    return {
      ...{ batch, index: place.place, current },
      leaf: Buffer.from(encodeRowLeaf({ kind, key: place.key, commitments })).toString("base64url"),
      path: new MerkleTree(hash, all).path(place.place).map(formatHex),
      anchor: state && Buffer.from(state.payload).toString("base64url"),
      height: state?.height,
    };
  }

  #encode({ key, values }: ReadRow): Uint8Array {
    return Buffer.concat([key, encodeValues(this.#deps.mapped.columns, values)]);
  }
}
