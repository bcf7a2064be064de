import type { Proof } from "@gridledger/protocol/api/proof-contract";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { makeProof, type ProvenReadingPlace } from "@gridledger/protocol/ledger/proof";
import type { PlacedTransaction } from "@gridledger/protocol/ledger/proven-transaction";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import type { ValidatorSets } from "../governance/validator-sets.ts";
import type { BlockQueries } from "./block-queries.ts";
import type { KeyQueries } from "./key-queries.ts";
import type { StoredTransaction, TransactionQueries } from "./transaction-queries.ts";

interface Prover {
  readonly chain: Chain;
  readonly blocks: BlockQueries;
  readonly transactions: TransactionQueries;
  readonly keys: Pick<KeyQueries, "recordsOf">;
  readonly sets: Pick<ValidatorSets, "handoversTo">;
}

/** The proof of one final transaction. @throws Fault NOT_FOUND, STORE_CORRUPT */
export async function prove(
  prover: Prover,
  txHash: Uint8Array,
  reading?: ProvenReadingPlace,
): Promise<Proof> {
  const { chain, transactions, keys, sets } = prover;
  const transaction = await transactions.byHash(txHash);
  if (transaction === undefined) {
    throw new Fault("NOT_FOUND", "no final transaction has this hash");
  }
  const { height, sender } = transaction;
  const senderKeys: PlacedTransaction[] = [];
  for (const record of await keys.recordsOf(Buffer.from(sender, "hex"), height)) {
    senderKeys.push(await place(prover, record));
  }
  const handovers = sets.handoversTo(height);
  const parts = { ...(await place(prover, transaction)), handovers, senderKeys };
  return makeProof(chain, reading === undefined ? parts : { ...parts, reading });
}

async function place(
  { chain, blocks, transactions }: Prover,
  { height, index, encoded }: StoredTransaction,
): Promise<PlacedTransaction> {
  const block = await blocks.byHeight(height);
  const leaves = await transactions.leavesOf(height);
  const hashes = leaves.map((leaf) => leaf.hash);
  const tree = new MerkleTree(chain.suite.hash, hashes);
  // A proof that would not verify is a damaged store, not the caller's problem to find out.
  if (block === undefined || !equalBytes(tree.root, block.header.txRoot)) {
    throw new Fault("STORE_CORRUPT", `the index is damaged at block ${height}`);
  }
  return { ...block, index, path: tree.path(index), transaction: encoded };
}
