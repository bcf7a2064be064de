import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { roleMoves } from "@gridledger/protocol/governance/role-moves";
import type { Knex } from "knex";
import { blob } from "../store/blob.ts";
import { insertRows, type SqlValue } from "../store/insert-rows.ts";
import { writeCertificateRecords } from "./certificate-rows.ts";
import type { ChainHead } from "./chain-head.ts";
import {
  correctedValueRows,
  correctedValuesTable,
  correctionRows,
  correctionsTable,
} from "./correction-rows.ts";
import { writeHolders } from "./holder-rows.ts";
import { identityColumns, identityRows, writeKeyRotations } from "./key-rows.ts";
import {
  changeRows,
  erasureReceiptsTable,
  objectChangesTable,
  objectRows,
  objectsTable,
  receiptRows,
} from "./object-rows.ts";
import type { ParsedBlock, ParsedTransaction } from "./parse-block.ts";
import { positionOf } from "./position.ts";

const blocksTable = {
  table: "blocks",
  columns: [
    "height",
    "hash",
    "time_ms",
    "proposer",
    "round",
    "tx_count",
    "readings",
    "bytes",
    "header",
    "seal",
    "total_transactions",
    "total_readings",
  ],
};

const transactionsTable = {
  table: "transactions",
  columns: [
    "position",
    "hash",
    "kind",
    "sender",
    "bytes",
    "meter",
    "sequence",
    "first_ms",
    "last_ms",
    "readings",
    "encoded",
  ],
};

const metersTable = {
  table: "meters",
  columns: ["name", "owner", "sequence", "readings", "first_ms", "last_ms", "max_span_ms"],
  // No min/max/greatest: SQLite and PostgreSQL call them differently.
  onConflict: `on conflict (name) do update set
    owner = excluded.owner,
    sequence = excluded.sequence,
    readings = meters.readings + excluded.readings,
    first_ms = case when excluded.first_ms < meters.first_ms then excluded.first_ms else meters.first_ms end,
    last_ms = case when excluded.last_ms > meters.last_ms then excluded.last_ms else meters.last_ms end,
    max_span_ms = case when excluded.max_span_ms > meters.max_span_ms then excluded.max_span_ms else meters.max_span_ms end`,
};

const registersTable = {
  table: "registers",
  columns: ["meter", "obis", "unit"],
  onConflict: "on conflict (meter, obis) do update set unit = excluded.unit",
};

const identitiesTable = {
  table: "identities",
  columns: identityColumns,
  onConflict: "on conflict (id) do nothing",
};

/** The rows of consecutive blocks after `head`, inside the caller's transaction; the new head. */
export async function writeBlocks(
  db: Knex,
  suite: Suite,
  head: ChainHead,
  blocks: readonly ParsedBlock[],
): Promise<ChainHead> {
  let last = head;
  const blockRows: SqlValue[][] = [];
  for (const parsed of blocks) {
    last = headAfter(last, parsed);
    blockRows.push(blockRow(parsed, last));
  }
  await insertRows(db, blocksTable, blockRows);
  await insertRows(db, transactionsTable, blocks.flatMap(transactionRows));
  const transactions = blocks.flatMap((parsed) => parsed.transactions);
  await insertRows(db, metersTable, meterRows(transactions));
  await insertRows(db, registersTable, registerRows(transactions));
  await insertRows(
    db,
    identitiesTable,
    blocks.flatMap((parsed) => identityRows(suite, parsed)),
  );
  await insertRows(db, objectsTable, blocks.flatMap(objectRows));
  await insertRows(db, objectChangesTable, blocks.flatMap(changeRows));
  await insertRows(db, erasureReceiptsTable, blocks.flatMap(receiptRows));
  const corrections = blocks.flatMap((parsed) => correctionRows(suite, parsed));
  await insertRows(db, correctionsTable, corrections);
  await insertRows(db, correctedValuesTable, blocks.flatMap(correctedValueRows));
  const moves = blocks.flatMap(({ block }) => block.executed.flatMap(roleMoves));
  for (const { publicKey, role, name } of moves) {
    const changes = name === undefined ? { role } : { role, name };
    await db("identities")
      .where({ id: blob(identityId(suite.hash, publicKey)) })
      .update(changes);
  }
  await writeCertificateRecords(db, blocks);
  await writeKeyRotations(db, blocks);
  await writeHolders(db, blocks);
  return last;
}

function headAfter(head: ChainHead, { block, readings }: ParsedBlock): ChainHead {
  return {
    height: block.header.height,
    hash: block.hash,
    timeMs: block.header.timeMs,
    transactions: head.transactions + block.transactions.length,
    readings: head.readings + readings,
  };
}

function blockRow(
  { block, encodedSeal, bytes, readings }: ParsedBlock,
  head: ChainHead,
): SqlValue[] {
  const { header, hash, encodedHeader } = block;
  return [
    header.height,
    blob(hash),
    header.timeMs,
    header.proposer,
    header.round,
    header.txCount,
    readings,
    bytes,
    blob(encodedHeader),
    blob(encodedSeal),
    head.transactions,
    head.readings,
  ];
}

function transactionRows({ block, transactions }: ParsedBlock): SqlValue[][] {
  return transactions.map(({ hash, kind, sender, encoded, batch }, index) => [
    positionOf(block.header.height, index),
    blob(hash),
    kind,
    blob(sender),
    encoded.length,
    batch?.meter ?? null,
    batch?.sequence ?? null,
    batch?.firstMs ?? null,
    batch?.lastMs ?? null,
    batch?.readings ?? null,
    blob(encoded),
  ]);
}

interface MeterSums {
  owner: Uint8Array;
  sequence: number;
  readings: number;
  firstMs: number;
  lastMs: number;
  maxSpanMs: number;
}

/** One row a meter, whatever the number of its batches: `on conflict` takes a row only once. */
function meterRows(transactions: readonly ParsedTransaction[]): SqlValue[][] {
  const sums = new Map<string, MeterSums>();
  for (const { batch, sender } of transactions) {
    if (batch === undefined) continue;
    const { sequence, readings, firstMs, lastMs } = batch;
    const before = sums.get(batch.meter);
    sums.set(batch.meter, {
      owner: sender,
      sequence,
      readings: readings + (before?.readings ?? 0),
      firstMs: Math.min(firstMs, before?.firstMs ?? firstMs),
      lastMs: Math.max(lastMs, before?.lastMs ?? lastMs),
      maxSpanMs: Math.max(lastMs - firstMs, before?.maxSpanMs ?? 0),
    });
  }
  return [...sums].map(([name, sum]) => [
    name,
    blob(sum.owner),
    sum.sequence,
    sum.readings,
    sum.firstMs,
    sum.lastMs,
    sum.maxSpanMs,
  ]);
}

function registerRows(transactions: readonly ParsedTransaction[]): SqlValue[][] {
  const rows = new Map<string, SqlValue[]>();
  for (const { batch } of transactions) {
    if (batch === undefined) continue;
    for (const { obis, unit } of batch.registers) {
      rows.set(`${batch.meter} ${obis}`, [batch.meter, obis, unit]);
    }
  }
  return [...rows.values()];
}
