import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readPrivate } from "@gridledger/edge-node/key-files";
import { Fault } from "@gridledger/protocol/faults";
import { z } from "zod";
import type { Connector } from "./connector.ts";
import { connectMysql, mysqlDialect } from "./mysql.ts";
import { connectPostgres, postgresDialect } from "./postgres.ts";
import type { ServerAddress } from "./server-address.ts";
import { SqlConnector } from "./sql-connector.ts";
import { connectSqlite, sqliteDialect } from "./sqlite.ts";

const text = z.string().min(1).max(1_024);

/** A password stands in a file that only its owner reads, or in a variable; never here. */
const server = {
  host: text,
  port: z.number().int().min(1).max(65_535).optional(),
  database: text,
  user: text,
  passwordFile: text.optional(),
  passwordEnv: text.optional(),
  /** PEM of the authorities of the server's certificate; without it the connection is in the clear. */
  ca: text.optional(),
  statementTimeoutMs: z.number().int().min(100).max(600_000).default(30_000),
};

const shape = z.record(
  z.string().regex(/^[\w.-]{1,64}$/),
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("sqlite"), file: text }),
    z.strictObject({ kind: z.literal("postgres"), ...server }),
    z.strictObject({ kind: z.enum(["mysql", "mariadb"]), ...server }),
  ]),
);

type Entry = z.output<typeof shape>[string];

/** The databases that mappings may read, from a file of the hub's owner; it is read anew each time. */
export class Databases {
  readonly #file: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  /** @param file `databases.json`; paths in it are relative to it */
  constructor(file: string, environment: Readonly<Record<string, string | undefined>>) {
    this.#file = file;
    this.#environment = environment;
  }

  /** Their names and kinds: all that may be shown. */
  list(): { readonly name: string; readonly kind: string }[] {
    return Object.entries(this.#read()).map(([name, { kind }]) => ({ name, kind }));
  }

  /** @throws Fault DATABASE_UNKNOWN, CONFIG_INVALID, FILE_UNREADABLE, KEY_INVALID */
  connect(name: string): Connector {
    const databases = this.#read();
    const entry = Object.hasOwn(databases, name) ? databases[name] : undefined;
    if (entry === undefined) throw new Fault("DATABASE_UNKNOWN", `no database is called ${name}`);
    if (entry.kind === "sqlite") {
      const db = connectSqlite(this.#at(entry.file));
      return new SqlConnector({ db, dialect: sqliteDialect, name });
    }
    const address = this.#address(entry);
    return entry.kind === "postgres"
      ? new SqlConnector({ db: connectPostgres(address), dialect: postgresDialect, name })
      : new SqlConnector({ db: connectMysql(address), dialect: mysqlDialect, name });
  }

  #read(): Readonly<Record<string, Entry>> {
    if (!existsSync(this.#file)) return {};
    const file = readPrivate(this.#file);
    let given: unknown;
    try {
      given = JSON.parse(file.toString("utf8"));
    } catch {
      throw new Fault("CONFIG_INVALID", `${this.#file} is not JSON`);
    }
    const parsed = shape.safeParse(given);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new Fault("CONFIG_INVALID", `${this.#file}: ${issue?.path.join(".")}: ${issue?.message}`);
  }

  #address(entry: Exclude<Entry, { readonly kind: "sqlite" }>): ServerAddress {
    const { host, port, database, user, ca, statementTimeoutMs } = entry;
    const authorities = ca === undefined ? undefined : readPublic(this.#at(ca));
    const ssl =
      authorities === undefined ? undefined : { ca: authorities, rejectUnauthorized: true };
    const password = this.#password(entry);
    return { host, port, database, user, password, ssl, statementTimeoutMs };
  }

  #password({
    passwordFile,
    passwordEnv,
  }: {
    readonly passwordFile?: string | undefined;
    readonly passwordEnv?: string | undefined;
  }): string {
    if (passwordFile !== undefined) {
      return readPrivate(this.#at(passwordFile))
        .toString("utf8")
        .replace(/\r?\n$/, "");
    }
    if (passwordEnv === undefined) return "";
    const password = this.#environment[passwordEnv];
    if (password !== undefined) return password;
    throw new Fault("CONFIG_INVALID", `the variable ${passwordEnv} is not set`);
  }

  #at(path: string): string {
    return resolve(dirname(this.#file), path);
  }
}

/** A certificate is no secret: it may be read by all. */
function readPublic(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Fault("FILE_UNREADABLE", `${file} cannot be read`, { cause });
  }
}
