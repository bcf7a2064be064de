import type { Knex } from "knex";
import { blob } from "../store/blob.ts";
import type { ParsedBlock } from "./parse-block.ts";

/** Who keeps copies, and how many there are to be: what comes takes the place of what was. */
export async function writeHolders(db: Knex, blocks: readonly ParsedBlock[]): Promise<void> {
  for (const { block, transactions } of blocks) {
    for (const action of block.executed) {
      if (action.type !== "copies") continue;
      const { classification, copies } = action;
      const row = { classification, copies };
      await db("copy_policy").insert(row).onConflict("classification").merge();
    }
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
