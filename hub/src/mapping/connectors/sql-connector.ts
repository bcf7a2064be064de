import { Fault } from "@gridledger/protocol/faults";
import type { CanonicalValue } from "@gridledger/protocol/rows/canonical-value";
import type { MappedColumn } from "@gridledger/protocol/rows/mapped-table";
import type { Knex } from "knex";
import type { Connector, PageQuery, RawRow, SourceColumn, TableName } from "./connector.ts";
import { databaseFault } from "./database-fault.ts";
import type { Dialect } from "./dialect.ts";

/** Names that knex would read something into are refused; every other is quoted. */
const UNFIT_NAME = /[?\\\0]/;
/** Values in one statement. */
const MAX_BOUND = 900;

interface SqlConnectorOptions {
  readonly db: Knex;
  readonly dialect: Dialect;
  /** Of the database in the hub's list; stands in faults, where its address must not. */
  readonly name: string;
}

/** A database behind knex: keyset pages in plain SQL that all of them understand. */
export class SqlConnector implements Connector {
  readonly #db: Knex;
  readonly #dialect: Dialect;
  readonly #name: string;

  constructor({ db, dialect, name }: SqlConnectorOptions) {
    this.#db = db;
    this.#dialect = dialect;
    this.#name = name;
  }

  columns(name: TableName): Promise<readonly SourceColumn[]> {
    return this.#ask(() => this.#dialect.columns(this.#db, name));
  }

  async isUnique(name: TableName, columns: readonly string[]): Promise<boolean> {
    const uniques = await this.#ask(() => this.#dialect.uniques(this.#db, name));
    return uniques.some((index) => index.length > 0 && index.every((one) => columns.includes(one)));
  }

  async page(query: PageQuery): Promise<readonly RawRow[]> {
    const bindings: Knex.Value[] = [];
    const sql = `${this.#select(query.columns, query)}${this.#range(query, bindings)}`;
    return await this.#rows(sql, bindings, query.columns);
  }

  async bytes(query: PageQuery, long: readonly MappedColumn[]): Promise<number> {
    const bindings: Knex.Value[] = [];
    const sizes = long.map(({ name, type }) => {
      return `coalesce(${this.#dialect.bytes(this.#quote(name), type)}, 0)`;
    });
    const page = `select ${sizes.join(" + ")} as b from ${this.#table(query)}${this.#range(query, bindings)}`;
    const sum: MappedColumn = { name: "sum", type: "integer" };
    const [row] = await this.#rows(`select sum(b) as c0 from (${page}) p`, bindings, [sum]);
    return Number(row?.[0] ?? 0);
  }

  async byKeys(
    query: Pick<PageQuery, "schema" | "table" | "columns">,
    key: readonly MappedColumn[],
    keys: readonly (readonly CanonicalValue[])[],
  ): Promise<readonly RawRow[]> {
    const found: RawRow[] = [];
    const step = Math.max(1, Math.floor(MAX_BOUND / key.length));
    for (let at = 0; at < keys.length; at += step) {
      const bindings: Knex.Value[] = [];
      const some = keys.slice(at, at + step).map((values) => {
        const equal = key.map(({ name, type }, index) => {
          bindings.push(this.#dialect.bind(values[index] ?? null, type));
          return `${this.#quote(name)} = ?`;
        });
        return `(${equal.join(" and ")})`;
      });
      const sql = `${this.#select(query.columns, query)} where ${some.join(" or ")}`;
      found.push(...(await this.#rows(sql, bindings, query.columns)));
    }
    return found;
  }

  async last(name: TableName, order: readonly MappedColumn[]): Promise<RawRow | undefined> {
    const by = order.map((column) => `${this.#quote(column.name)} desc`).join(", ");
    const sql = `${this.#select(order, name)} order by ${by} limit 1`;
    return (await this.#rows(sql, [], order))[0];
  }

  async count(name: TableName): Promise<number> {
    const column: MappedColumn = { name: "count", type: "integer" };
    const [row] = await this.#rows(`select count(*) as c0 from ${this.#table(name)}`, [], [column]);
    return Number(row?.[0]);
  }

  mayWrite(name: TableName): Promise<boolean> {
    return this.#ask(() => this.#dialect.mayWrite(this.#db, name));
  }

  async hasNullKey(name: TableName, key: readonly MappedColumn[]): Promise<boolean> {
    if (this.#dialect.holdsKeysNotNull) return false;
    const isNull = key.map((column) => `${this.#quote(column.name)} is null`).join(" or ");
    const sql = `select 1 as c0 from ${this.#table(name)} where ${isNull} limit 1`;
    return (await this.#rows(sql, [], [{ name: "found", type: "integer" }])).length > 0;
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }

  #range({ order, after, upTo, limit }: PageQuery, bindings: Knex.Value[]): string {
    const conditions = [
      ...(after === null ? [] : [this.#compare(">", order, after, bindings)]),
      ...(upTo === null ? [] : [this.#compare("<=", order, upTo, bindings)]),
    ];
    const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
    const by = order.map(({ name }) => this.#quote(name)).join(", ");
    return `${where} order by ${by} limit ${Math.trunc(limit)}`;
  }

  /** Columns get names of ours: what the database calls them never stands in a result. */
  #select(columns: readonly MappedColumn[], name: TableName): string {
    const items = columns.map((column, index) => {
      return `${this.#dialect.select(this.#quote(column.name), column.type)} as c${index}`;
    });
    return `select ${items.join(", ")} from ${this.#table(name)}`;
  }

  #table({ schema, table }: TableName): string {
    return schema === undefined
      ? this.#quote(table)
      : `${this.#quote(schema)}.${this.#quote(table)}`;
  }

  /** @throws Fault REQUEST_INVALID */
  #quote(name: string): string {
    if (name === "" || UNFIT_NAME.test(name)) {
      throw new Fault("REQUEST_INVALID", "a name with ?, \\ or NUL cannot be mapped");
    }
    return this.#dialect.quote(name);
  }

  /** Compares as a row does: by the first column that differs. */
  #compare(
    operator: ">" | "<=",
    order: readonly MappedColumn[],
    place: readonly CanonicalValue[],
    bindings: Knex.Value[],
  ): string {
    const bound = order.map(({ type }, index) => this.#dialect.bind(place[index] ?? null, type));
    const names = order.map(({ name }) => this.#quote(name));
    if (this.#dialect.comparesRows || names.length === 1) {
      bindings.push(...bound);
      return `(${names.join(", ")}) ${operator} (${names.map(() => "?").join(", ")})`;
    }
    const strict = operator === ">" ? ">" : "<";
    const cases = names.map((name, at) => {
      bindings.push(...bound.slice(0, at + 1));
      const last = at === names.length - 1 ? operator : strict;
      return [...names.slice(0, at).map((one) => `${one} = ?`), `${name} ${last} ?`].join(" and ");
    });
    return `(${cases.map((one) => `(${one})`).join(" or ")})`;
  }

  async #rows(
    sql: string,
    bindings: readonly Knex.Value[],
    columns: readonly MappedColumn[],
  ): Promise<readonly RawRow[]> {
    const answer: unknown = await this.#ask(() => this.#db.raw(sql, bindings));
    return rowsOf(answer).map((row) =>
      columns.map(({ type }, index) => this.#dialect.open(row[`c${index}`], type)),
    );
  }

  async #ask<Answer>(work: () => PromiseLike<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (thrown) {
      throw databaseFault(thrown, this.#name);
    }
  }
}

type Row = Readonly<Record<string, unknown>>;

/** Drivers answer `rows`, `[rows, fields]` or `{ rows }`. */
function rowsOf(answer: unknown): readonly Row[] {
  if (!Array.isArray(answer)) return (answer as { readonly rows: readonly Row[] }).rows;
  return (Array.isArray(answer[0]) ? answer[0] : answer) as readonly Row[];
}
