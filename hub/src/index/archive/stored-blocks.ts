import { CborReader } from "@gridledger/protocol/cbor/reader";
import { encodeBlock } from "@gridledger/protocol/ledger/block";
import { readSeal } from "@gridledger/protocol/ledger/seal";
import { PAGE_BLOCKS } from "@gridledger/protocol/messages/block-pages";
import type { Knex } from "knex";
import { placeOf, positionOf } from "../position.ts";

interface BlockRow {
  readonly height: number;
  readonly bytes: number;
  readonly header: Buffer;
  readonly seal: Buffer;
}

interface BodyRow {
  readonly position: number;
  readonly encoded: Buffer;
}

/** Encoded blocks put together from the index's rows: at least one if there is one, at most `maxBytes`. */
export async function readStoredBlocks(
  db: Knex,
  fromHeight: number,
  maxBlocks: number,
  maxBytes: number,
): Promise<Uint8Array[]> {
  const rows: BlockRow[] = await db("blocks")
    .select("height", "bytes", "header", "seal")
    .where("height", ">=", fromHeight)
    .orderBy("height")
    .limit(Math.min(maxBlocks, PAGE_BLOCKS));
  let bytes = 0;
  const fitting = rows.filter((row, i) => {
    bytes += row.bytes;
    return i === 0 || bytes <= maxBytes;
  });
  const [first] = fitting;
  const last = fitting.at(-1);
  if (first === undefined || last === undefined) return [];
  const bodies: BodyRow[] = await db("transactions")
    .select("position", "encoded")
    .where("position", ">=", positionOf(Number(first.height), 0))
    .where("position", "<", positionOf(Number(last.height) + 1, 0))
    .orderBy("position");
  const byHeight = new Map<number, Uint8Array[]>(fitting.map(({ height }) => [Number(height), []]));
  for (const { position, encoded } of bodies) {
    byHeight.get(placeOf(Number(position)).height)?.push(encoded);
  }
  return fitting.map(({ height, header, seal }) => {
    const transactions = byHeight.get(Number(height)) ?? [];
    return encodeBlock(header, readSeal(new CborReader(seal)), transactions);
  });
}
