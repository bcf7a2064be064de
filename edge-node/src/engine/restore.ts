import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { BlockSource, SealedBlock } from "../chain/ledger.ts";
import type { ProposedBlock, WalRecord } from "../consensus/ports.ts";
import { bytesKey, PreparedTransaction } from "../state/prepared-transaction.ts";

interface RestoreDeps {
  readonly chain: Chain;
  readonly bodies: { restore(transactions: readonly PreparedTransaction[]): void };
  readonly ledger: {
    readonly head: { readonly height: number };
    import(sealed: SealedBlock, source: BlockSource): boolean;
  };
}

/** What the consensus log held, with the bodies of its blocks. */
export interface RestoredLog {
  readonly records: readonly WalRecord[];
  /** Encoded transactions. */
  readonly bodies: readonly Uint8Array[];
}

/**
 * Brings chain and consensus log together after a stop at any point: a block that was decided and is
 * not in the store is imported first; the bodies of a block that was voted for are held for the
 * engine. Gives the number of blocks imported.
 *
 * @throws Fault BLOCK_INVALID, SEAL_INVALID when the log decided what the chain cannot hold
 */
export function restoreFromLog(deps: RestoreDeps, { records, bodies }: RestoredLog): number {
  const { chain, ledger } = deps;
  const transactions = new Map<string, PreparedTransaction>();
  for (const encoded of bodies) {
    const transaction = new PreparedTransaction(chain, encoded);
    transactions.set(transaction.key, transaction);
  }
  const blocks = new Map<string, ProposedBlock>();
  let imported = 0;
  for (const record of records) {
    if (record.kind === "block") blocks.set(bytesKey(record.block.blockHash), record.block);
    if (record.kind !== "decided" || record.height !== ledger.head.height + 1) continue;
    const block = blocks.get(bytesKey(record.blockHash));
    const held = block?.txHashes.map((hash) => transactions.get(bytesKey(hash)));
    // Decided by others' votes alone: without the bodies it comes by sync.
    if (block === undefined || !held?.every((body) => body !== undefined)) continue;
    ledger.import({ block, seal: record.seal, transactions: held }, "consensus");
    imported++;
  }
  deps.bodies.restore([...transactions.values()]);
  return imported;
}
