import { Fault } from "@gridledger/protocol/faults";
import type { CanonicalValue } from "@gridledger/protocol/rows/canonical-value";
import type { ColumnType } from "@gridledger/protocol/rows/column-types";
import type { MappedColumn } from "@gridledger/protocol/rows/mapped-table";
import { MAX_ROW_BYTES } from "@gridledger/protocol/rows/row-leaf";
import type { Connector, PageQuery } from "./connectors/connector.ts";
import type { MappingDefinition } from "./definition.ts";
import type { ReadRow, RowReader } from "./row-reader.ts";

/** Of one question to the database; a page of small rows never comes near it. */
const PAGE_BYTES = 8_388_608;
/** Types without a length. What of them the database holds to a length is `text(40)`, say, in its own words. */
const LONG: readonly ColumnType[] = ["text", "char", "bytes", "json"];

/** Rows in their order. */
export interface Page {
  readonly rows: readonly ReadRow[];
  /** There are no more in the range. */
  readonly isLast: boolean;
}

type Place = readonly CanonicalValue[] | null;

interface Range {
  readonly after: Place;
  readonly upTo: Place;
  readonly limit: number;
}

/** The watermark as a column; undefined where the mapping follows its key. */
export function watermarkOf({ follow, mapped }: MappingDefinition): MappedColumn | undefined {
  if (follow.by === "key") return undefined;
  return [...mapped.key, ...mapped.columns].find(({ name }) => name === follow.column);
}

/** The mapped table behind its connector, row by canonical row. */
export class MappedSource {
  readonly #connector: Connector;
  readonly #definition: MappingDefinition;
  readonly #reader: RowReader;
  readonly #long: readonly MappedColumn[];

  constructor(connector: Connector, definition: MappingDefinition, reader: RowReader) {
    this.#connector = connector;
    this.#definition = definition;
    this.#reader = reader;
    const { mapped, nativeTypes } = definition;
    this.#long = [...mapped.key, ...mapped.columns].filter(({ name, type }) => {
      return LONG.includes(type) && !/\(\d+\)/.test(nativeTypes[name] ?? "");
    });
  }

  /** @throws Fault MAPPING_SCHEMA where a mapped column is gone or another, or the key is not unique any more */
  async checkSchema(): Promise<void> {
    const { nativeTypes, mapped } = this.#definition;
    const found = await this.#connector.columns(this.#definition);
    const changed = Object.entries(nativeTypes).filter(
      ([name, type]) => found.find((column) => column.name === name)?.nativeType !== type,
    );
    if (changed.length > 0) {
      const names = changed.map(([name, type]) => `${name} was ${type}`).join(", ");
      throw new Fault("MAPPING_SCHEMA", found.length === 0 ? "the table is gone" : names);
    }
    const key = mapped.key.map(({ name }) => name);
    if (await this.#connector.isUnique(this.#definition, key)) return;
    throw new Fault("MAPPING_SCHEMA", `nothing holds ${key.join(", ")} unique any more`);
  }

  /** In the order in which news come: by key, or by watermark and then key. */
  news(range: Range): Promise<Page> {
    return this.#page(this.newsOrder, range);
  }

  /** In the order of the keys, for a sweep. */
  rows(range: Range): Promise<Page> {
    return this.#page(this.#definition.mapped.key, range);
  }

  /** Rows that are asked for by their keys together; few where one may take megabytes. */
  get keysAtOnce(): number {
    return this.#long.length === 0 ? 500 : 16;
  }

  async byKeys(keys: readonly (readonly CanonicalValue[])[]): Promise<ReadRow[]> {
    if (keys.length === 0) return [];
    const { schema, table, mapped } = this.#definition;
    const query = { schema, table, columns: this.#reader.columns };
    const raw = await this.#connector.byKeys(query, mapped.key, keys);
    return raw.map((row) => this.#reader.open(row));
  }

  /** The furthest place that there is now; null in an empty table. */
  async last(): Promise<readonly string[] | null> {
    const order = this.newsOrder;
    const raw = await this.#connector.last(this.#definition, order);
    if (raw === undefined) return null;
    const reader = this.#reader;
    const full = reader.columns.map((column) => {
      const at = order.findIndex(({ name }) => name === column.name);
      return at === -1 ? null : raw[at];
    });
    return reader.placeOf(reader.open(full));
  }

  count(): Promise<number> {
    return this.#connector.count(this.#definition);
  }

  /** Whether the account may change the table. */
  mayWrite(): Promise<boolean> {
    return this.#connector.mayWrite(this.#definition);
  }

  /** A row whose key is NULL stands in no order and would never be met. @throws Fault MAPPING_KEY */
  async checkKeys(): Promise<void> {
    const { key } = this.#definition.mapped;
    if (!(await this.#connector.hasNullKey(this.#definition, key))) return;
    throw new Fault("MAPPING_KEY", "a row has NULL in its key");
  }

  get newsOrder(): readonly MappedColumn[] {
    const watermark = watermarkOf(this.#definition);
    const { key } = this.#definition.mapped;
    return watermark === undefined ? key : [watermark, ...key];
  }

  async #page(order: readonly MappedColumn[], range: Range): Promise<Page> {
    const { schema, table } = this.#definition;
    const { columns } = this.#reader;
    const query = { schema, table, columns, order, ...range };
    const limit = await this.#fitting(query);
    const raw = await this.#connector.page({ ...query, limit });
    return { rows: raw.map((row) => this.#reader.open(row)), isLast: raw.length < limit };
  }

  /** Rows of the page that fit into memory together; one at least. @throws Fault ROW_TOO_LARGE */
  async #fitting(query: PageQuery): Promise<number> {
    if (this.#long.length === 0) return query.limit;
    for (let { limit } = query; ; limit = Math.ceil(limit / 8)) {
      const bytes = await this.#connector.bytes({ ...query, limit }, this.#long);
      if (bytes <= PAGE_BYTES) return limit;
      if (limit > 1) continue;
      if (bytes <= MAX_ROW_BYTES) return 1;
      const where =
        query.after === null ? "the first row" : `the row after ${query.after.join(", ")}`;
      throw new Fault("ROW_TOO_LARGE", `${where}: ${bytes} bytes, at most ${MAX_ROW_BYTES}`);
    }
  }
}
