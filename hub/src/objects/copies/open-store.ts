import { readPrivate } from "@gridledger/edge-node/key-files";
import { asFault, Fault } from "@gridledger/protocol/faults";
import knex, { type Knex } from "knex";
import { z } from "zod";
import { connectFile, makePrivate } from "../../store/sqlite-file.ts";

const PRAGMAS = ["journal_mode=wal", "synchronous=full", "secure_delete=on", "mmap_size=0"];

/** Where a further store lies; a server's address and password stand in a private file. */
export type StorePlace = { readonly file: string } | { readonly postgres: string };

const server = z.strictObject({
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(5_432),
  database: z.string().min(1),
  user: z.string().min(1),
  password: z.string().default(""),
  /** PEM of the authorities of the server's certificate; without it the connection is in the clear. */
  ca: z.string().optional(),
});

/** @throws Fault CONFIG_INVALID, FILE_UNREADABLE, KEY_INVALID */
export function openStore(place: StorePlace): Knex {
  return "file" in place ? openFile(place.file) : openServer(place.postgres);
}

function openFile(filename: string): Knex {
  try {
    makePrivate(filename);
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", `${filename} cannot be opened`, { cause });
  }
  return connectFile(filename, { pragmas: PRAGMAS });
}

function openServer(file: string): Knex {
  let given: unknown;
  try {
    given = JSON.parse(readPrivate(file).toString("utf8"));
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw new Fault("CONFIG_INVALID", `${file}: ${asFault(thrown).message}`);
  }
  const parsed = server.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Fault("CONFIG_INVALID", `${file}: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { ca, ...address } = parsed.data;
  const ssl = ca === undefined ? false : { ca, rejectUnauthorized: true };
  return knex({
    client: "pg",
    connection: { ...address, ssl, connectionTimeoutMillis: 3_000, statement_timeout: 30_000 },
    pool: { min: 0, max: 2 },
    acquireConnectionTimeout: 5_000,
  });
}
