import type { WalRecord } from "../ports.ts";
import { hashKey, type SignedBlock } from "./work-tree.ts";

/** A block that is not final, as the log keeps it: the block, and its miner's signature beside it. */
export function recordOf({ block, signature }: SignedBlock): WalRecord[] {
  const { height, proposer } = block.header;
  const certificate = { round: 0, signatures: [{ signer: proposer, signature }] };
  return [
    { kind: "block", height, block },
    { kind: "prepared", height, blockHash: block.blockHash, certificate },
  ];
}

/** The blocks of a log, parents first, as they were recorded. */
export function recallBlocks(records: readonly WalRecord[]): SignedBlock[] {
  const blocks = new Map<string, SignedBlock["block"]>();
  const signed = new Map<string, SignedBlock>();
  for (const record of records) {
    if (record.kind === "block") blocks.set(hashKey(record.block.blockHash), record.block);
    if (record.kind !== "prepared") continue;
    const key = hashKey(record.blockHash);
    const block = blocks.get(key);
    const signature = record.certificate.signatures[0]?.signature;
    if (block !== undefined && signature !== undefined) signed.set(key, { block, signature });
  }
  return [...signed.values()];
}
