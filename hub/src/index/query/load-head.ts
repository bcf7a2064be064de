import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Knex } from "knex";
import { blob } from "../../store/blob.ts";
import { insertRows } from "../../store/insert-rows.ts";
import type { ChainHead } from "../chain-head.ts";

interface HeadRow {
  readonly height: number;
  readonly hash: Buffer;
  readonly header: Buffer;
  readonly time_ms: number;
  readonly total_transactions: number;
  readonly total_readings: number;
}

/** The last indexed block. @throws Fault STORE_CORRUPT when its header is not the one that was indexed */
export async function loadHead(db: Knex, chain: Chain): Promise<ChainHead> {
  const row: HeadRow | undefined = await db("blocks").orderBy("height", "desc").first();
  if (row === undefined) {
    return { height: 0, hash: chain.chainId, timeMs: null, transactions: 0, readings: 0 };
  }
  if (!equalBytes(chain.suite.hash(row.header), row.hash)) {
    throw new Fault("STORE_CORRUPT", `the index is damaged at block ${row.height}`);
  }
  return {
    height: Number(row.height),
    hash: row.hash,
    timeMs: Number(row.time_ms),
    transactions: Number(row.total_transactions),
    readings: Number(row.total_readings),
  };
}

/** Binds an empty index to the chain, with the identities of its genesis. @throws Fault CHAIN_MISMATCH */
export async function bindChain(db: Knex, chain: Chain): Promise<void> {
  const chainId = formatHex(chain.chainId);
  const known = await db("meta").where({ name: "chain" }).first<{ value: string } | undefined>();
  if (known === undefined) {
    await db("meta").insert({ name: "chain", value: chainId });
    const rows = chain.genesis.identities.map(({ role, name, publicKey }) => [
      blob(identityId(chain.suite.hash, publicKey)),
      role,
      name,
      blob(publicKey),
      0,
    ]);
    const columns = ["id", "role", "name", "public_key", "since_height"];
    await insertRows(db, { table: "identities", columns }, rows);
  } else if (known.value !== chainId) {
    throw new Fault("CHAIN_MISMATCH", "the store belongs to another genesis", {
      data: { store: known.value, genesis: chainId },
    });
  }
}
