import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { CanonicalValue } from "@gridledger/protocol/rows/canonical-value";
import { decodeValues, rowLeafHash } from "@gridledger/protocol/rows/row-leaf";
import { watermarkOf } from "./mapped-source.ts";
import type { MappingParts } from "./mapping-parts.ts";
import type { ReadRow } from "./row-reader.ts";
import type { RowPlace } from "./tables/row-table.ts";

/** Compares rows of the table with their newest leaves, and says what is lawful. */
export class RowJudge {
  readonly #parts: MappingParts;
  /** Keys that may change now, for one page or sample. */
  #declared: ReadonlySet<string> = new Set();

  constructor(parts: MappingParts) {
    this.#parts = parts;
  }

  async begin(): Promise<void> {
    const { tables, id, now } = this.#parts;
    this.#declared = await tables.changes.keys(id, now());
  }

  /** Rows of the table: ids of those that are sound. */
  async judgeRows(rows: readonly ReadRow[]): Promise<number[]> {
    const { tables, id, findings } = this.#parts;
    const places = await tables.rows.find(
      id,
      rows.map(({ key }) => key),
    );
    const sound: number[] = [];
    for (const row of rows) {
      const found = places.get(formatHex(row.key));
      const place = found?.removed ? undefined : found;
      if (place !== undefined && (await this.#isSound(row, place))) {
        sound.push(place.id);
        await findings.sound(row.key);
        continue;
      }
      if (this.#isDeclared(row.key) || (await this.#isNews(row))) continue;
      const kind = place === undefined ? "inserted" : "changed";
      await findings.record({ kind, key: row.key, row, place });
    }
    return sound;
  }

  /** Rows that were anchored: asked for by their keys. */
  async judgePlaces(places: readonly RowPlace[]): Promise<number[]> {
    const step = this.#parts.source.keysAtOnce;
    const sound: number[] = [];
    for (let at = 0; at < places.length; at += step) {
      sound.push(...(await this.#judgeSome(places.slice(at, at + step))));
    }
    return sound;
  }

  async #judgeSome(places: readonly RowPlace[]): Promise<number[]> {
    const { source, definition, findings } = this.#parts;
    const { key } = definition.mapped;
    const rows = await source.byKeys(places.map((place) => decodeValues(key, place.key)));
    const present = new Set(rows.map((row) => formatHex(row.key)));
    const sound = await this.judgeRows(rows);
    for (const place of places) {
      if (present.has(formatHex(place.key)) || this.#isDeclared(place.key)) continue;
      await findings.record({ kind: "deleted", key: place.key, row: undefined, place });
    }
    return sound;
  }

  async #isSound(row: ReadRow, { batch, place }: RowPlace): Promise<boolean> {
    const { id, leaves, hash, reader } = this.#parts;
    const anchored = (await leaves.of(id, batch))[place];
    const leaf = rowLeafHash(hash, reader.leafOf(batch, row));
    return anchored !== undefined && equalBytes(leaf, anchored);
  }

  #isDeclared(key: Uint8Array): boolean {
    return this.#declared.size > 0 && this.#declared.has(formatHex(key));
  }

  /** The mapper has not come to it yet: it stands behind the last place that was taken. */
  async #isNews(row: ReadRow): Promise<boolean> {
    const { source, reader, definition } = this.#parts;
    const { after } = this.#parts.progress();
    if (after === null) return true;
    const watermark = watermarkOf(definition);
    if (watermark !== undefined) {
      const order = compare(row.watermark, after[0] ?? null, watermark.type === "integer");
      if (order !== 0) return order > 0;
    }
    // Only the database knows the order of its texts.
    const upTo = reader.placeOf(row);
    return (await source.news({ after, upTo, limit: 1 })).rows.length > 0;
  }
}

/** Canonical texts of one ordered type. */
function compare(a: CanonicalValue, b: CanonicalValue, isInteger: boolean): number {
  if (isInteger) return Number(BigInt(String(a)) - BigInt(String(b)));
  // Without the zone's letter: a fraction must come after none.
  const [left, right] = [a, b].map((value) => String(value).replace(/Z$/, ""));
  if (left === right) return 0;
  return left! < right! ? -1 : 1;
}
