import type { Knex } from "knex";
import { blob } from "../store/blob.ts";
import type { ParsedBlock } from "./parse-block.ts";

/** A declaration takes the place of the one before. */
export async function writeHolders(db: Knex, blocks: readonly ParsedBlock[]): Promise<void> {
  for (const { block, transactions } of blocks) {
    for (const { sender, places } of transactions) {
      if (places === undefined) continue;
      const identity = blob(sender);
      await db("copy_holders").where({ identity }).delete();
      for (const { name, capacityBytes } of places) {
        const { height } = block.header;
        await db("copy_holders").insert({ identity, name, capacity: capacityBytes, height });
      }
    }
  }
}
