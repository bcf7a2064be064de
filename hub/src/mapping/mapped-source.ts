import { Fault } from "@gridledger/protocol/faults";
import type { CanonicalValue } from "@gridledger/protocol/rows/canonical-value";
import type { MappedColumn } from "@gridledger/protocol/rows/mapped-table";
import type { Connector } from "./connectors/connector.ts";
import type { MappingDefinition } from "./definition.ts";
import type { ReadRow, RowReader } from "./row-reader.ts";

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

  constructor(connector: Connector, definition: MappingDefinition, reader: RowReader) {
    this.#connector = connector;
    this.#definition = definition;
    this.#reader = reader;
  }

  /** @throws Fault MAPPING_SCHEMA where a mapped column is gone or another */
  async checkSchema(): Promise<void> {
    const { nativeTypes } = this.#definition;
    const found = await this.#connector.columns(this.#definition);
    const changed = Object.entries(nativeTypes).filter(
      ([name, type]) => found.find((column) => column.name === name)?.nativeType !== type,
    );
    if (changed.length === 0) return;
    const names = changed.map(([name, type]) => `${name} was ${type}`).join(", ");
    throw new Fault("MAPPING_SCHEMA", found.length === 0 ? "the table is gone" : names);
  }

  /** In the order in which news come: by key, or by watermark and then key. */
  news(range: Range): Promise<ReadRow[]> {
    return this.#page(this.newsOrder, range);
  }

  /** In the order of the keys, for a sweep. */
  rows(range: Range): Promise<ReadRow[]> {
    return this.#page(this.#definition.mapped.key, range);
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

  get newsOrder(): readonly MappedColumn[] {
    const watermark = watermarkOf(this.#definition);
    const { key } = this.#definition.mapped;
    return watermark === undefined ? key : [watermark, ...key];
  }

  async #page(order: readonly MappedColumn[], range: Range): Promise<ReadRow[]> {
    const { schema, table } = this.#definition;
    const { columns } = this.#reader;
    const raw = await this.#connector.page({ schema, table, columns, order, ...range });
    return raw.map((row) => this.#reader.open(row));
  }
}
