import { Fault } from "@gridledger/protocol/faults";
import type { ColumnType } from "@gridledger/protocol/rows/column-types";
import { encodeMappedTable, type MappedColumn } from "@gridledger/protocol/rows/mapped-table";
import type { Connector, SourceColumn } from "./connectors/connector.ts";
import type { Budget, CatalogueFacts, MappingDefinition } from "./definition.ts";

/** What somebody asks for; what is left out comes from the table. */
export interface MappingRequest {
  readonly database: string;
  readonly schema?: string | undefined;
  readonly table: string;
  readonly key: readonly string[];
  /** Undefined: all that are no key. */
  readonly columns?: readonly string[] | undefined;
  /** Types other than the column's usual one. */
  readonly types: Readonly<Record<string, ColumnType>>;
  /** Undefined: rows are only added, in the order of their keys. */
  readonly watermark?: string | undefined;
  readonly saltsPerColumn: boolean;
  readonly budget: Budget;
  readonly catalogue: CatalogueFacts;
}

/** Looks at the table and makes of the request what is kept. @throws Fault MAPPING_INVALID, DATABASE_* */
export async function makeDefinition(
  connector: Connector,
  request: MappingRequest,
): Promise<MappingDefinition> {
  const { database, schema, table, key, watermark, budget, catalogue, saltsPerColumn } = request;
  const found = await connector.columns({ schema, table });
  if (found.length === 0) throw invalid(`there is no table ${table}`);
  const columns = (request.columns ?? found.map(({ name }) => name)).filter(
    (name) => !key.includes(name),
  );
  const pick = (name: string) => find(found, name);
  const typed = (name: string): MappedColumn => {
    return { name, type: typeOf(pick(name), request.types[name]) };
  };
  for (const name of Object.keys(request.types)) pick(name);
  const mapped = {
    name: schema === undefined ? table : `${schema}.${table}`,
    ...{ key: key.map(typed), columns: columns.map(typed), saltsPerColumn },
  };
  for (const column of mapped.key) checkOrdered(pick(column.name), column.type, "a key");
  if (watermark !== undefined) {
    const { name, type } = typed(watermark);
    checkOrdered(pick(name), type, "a watermark");
    if (![...key, ...columns].includes(name)) throw invalid(`watermark ${name} must be mapped too`);
  }
  if (!(await connector.isUnique({ schema, table }, key))) {
    throw invalid(
      `nothing holds ${key.join(", ")} unique: a key needs a primary key or unique index`,
    );
  }
  encodeMappedTable(mapped);
  const nativeTypes = Object.fromEntries(
    [...key, ...columns].map((name) => [name, pick(name).nativeType]),
  );
  const follow: MappingDefinition["follow"] =
    watermark === undefined ? { by: "key" } : { by: "watermark", column: watermark };
  return { database, schema, table, mapped, follow, nativeTypes, budget, catalogue };
}

function find(columns: readonly SourceColumn[], name: string): SourceColumn {
  const column = columns.find((one) => one.name === name);
  if (column === undefined) throw invalid(`the table has no column ${name}`);
  return column;
}

function typeOf({ name, types, nativeType }: SourceColumn, wanted: ColumnType | undefined) {
  const type = wanted ?? types[0];
  if (type !== undefined && types.includes(type)) return type;
  const known = types.length === 0 ? "leave it out" : `map it as ${types.join(" or ")}`;
  throw invalid(`column ${name} is ${nativeType}: ${known}`);
}

function checkOrdered(column: SourceColumn, type: ColumnType, as: string): void {
  const { name, orderedTypes, isNullable } = column;
  if (isNullable) throw invalid(`column ${name} can be NULL: it cannot be ${as}`);
  if (!orderedTypes.includes(type)) {
    throw invalid(`column ${name} as ${type} has no order to follow: it cannot be ${as}`);
  }
}

function invalid(detail: string): Fault {
  return new Fault("MAPPING_INVALID", detail);
}
