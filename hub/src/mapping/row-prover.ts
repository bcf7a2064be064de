import type { Proof, RowProof } from "@gridledger/protocol/api/proof-contract";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { leafHash, MerkleTree } from "@gridledger/protocol/merkle/tree";
import type { CanonicalValue } from "@gridledger/protocol/rows/canonical-value";
import {
  columnSalt,
  encodeValues,
  type RowLeaf,
  rowLeafHash,
} from "@gridledger/protocol/rows/row-leaf";
import { makeRowProof } from "@gridledger/protocol/rows/row-proof";
import type { MappingParts } from "./mapping-parts.ts";
import { keyTextOf, parseKeyText, type ReadRow } from "./row-reader.ts";
import type { RowPlace } from "./tables/row-table.ts";

/** How a row is now beside how it was anchored. */
export interface RowState {
  readonly key: string;
  /** "waiting": lawful news that has not been taken yet. */
  readonly state: "sound" | "changed" | "deleted" | "unknown" | "waiting";
  readonly batch: number | null;
  /** Of the anchor's block; null until it is final. */
  readonly height: number | null;
}

interface Found {
  readonly keyValues: readonly CanonicalValue[];
  readonly row: ReadRow | undefined;
  readonly place: RowPlace | undefined;
}

/** Answers about one row: whether it is as it was anchored, and what proves it (guide §9.2). */
export class RowProver {
  readonly #parts: MappingParts;
  readonly #prove: (txHash: Uint8Array) => Promise<Proof>;

  constructor(parts: MappingParts, prove: (txHash: Uint8Array) => Promise<Proof>) {
    this.#parts = parts;
    this.#prove = prove;
  }

  /** @throws Fault REQUEST_INVALID, DATABASE_* */
  async state(keyText: string): Promise<RowState> {
    const { tables, id } = this.#parts;
    const { row, place, keyValues } = await this.#find(keyText);
    const anchor = place && (await tables.batches.state(id, place.batch));
    const facts = { batch: place?.batch ?? null, height: anchor?.height ?? null };
    return { key: keyTextOf(keyValues), ...facts, state: await this.#judge(row, place) };
  }

  /**
   * @param shown names of the columns to show; all where there are none
   * @throws Fault NOT_FOUND, MAPPING_ROW, NOT_READY until its anchor is final, DATABASE_*
   */
  async proof(keyText: string, shown: readonly string[]): Promise<RowProof> {
    const { tables, id, hash, leaves, definition, reader, salts } = this.#parts;
    const { row, place } = await this.#find(keyText);
    if (row === undefined || place === undefined || place.removed) {
      throw new Fault("NOT_FOUND", "no anchored row has this key");
    }
    const leaf = reader.leafOf(place.batch, row);
    const all = await leaves.of(id, place.batch);
    if (!equalBytes(rowLeafHash(hash, leaf), all[place.place]!)) {
      throw new Fault("MAPPING_ROW", "the row is not as it was anchored: nothing proves it");
    }
    const anchor = await tables.batches.state(id, place.batch);
    if (anchor?.tx == null || anchor.height === null) {
      throw new Fault("NOT_READY", "the row's anchor is not final yet");
    }
    return makeRowProof({
      anchor: await this.#prove(leafHash(hash, anchor.tx)),
      table: definition.mapped,
      leaf,
      index: place.place,
      path: pathOf(hash, all, place.place),
      shown: this.#shown(leaf, row, salts.ofRow(place.batch, row.key), shown),
    });
  }

  async #find(keyText: string): Promise<Found> {
    const { tables, id, definition, source } = this.#parts;
    const { key: columns } = definition.mapped;
    const keyValues = parseKeyText(keyText, columns);
    const key = encodeValues(columns, keyValues);
    const [row] = await source.byKeys([keyValues]);
    const place = (await tables.rows.find(id, [key])).get(formatHex(key));
    return { keyValues, row, place };
  }

  async #judge(row: ReadRow | undefined, place: RowPlace | undefined): Promise<RowState["state"]> {
    const { id, leaves, hash, reader } = this.#parts;
    if (place === undefined || place.removed) return row === undefined ? "unknown" : "waiting";
    if (row === undefined) return "deleted";
    const anchored = (await leaves.of(id, place.batch))[place.place]!;
    const leaf = rowLeafHash(hash, reader.leafOf(place.batch, row));
    return equalBytes(leaf, anchored) ? "sound" : "changed";
  }

  #shown({ kind }: RowLeaf, row: ReadRow, rowSalt: Uint8Array, names: readonly string[]) {
    const { hash, definition } = this.#parts;
    const { columns } = definition.mapped;
    if (kind === "row") {
      const salt = columnSalt(hash, rowSalt, 0);
      return [{ column: 0, salt, values: encodeValues(columns, row.values) }];
    }
    return columns.flatMap((one, column) => {
      if (names.length > 0 && !names.includes(one.name)) return [];
      const salt = columnSalt(hash, rowSalt, column);
      return [{ column, salt, values: encodeValues([one], [row.values[column] ?? null]) }];
    });
  }
}

function pathOf(hash: Hash, leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  return new MerkleTree(hash, leaves).path(index);
}
