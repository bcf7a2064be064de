import { readFile } from "node:fs/promises";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { ChainStore } from "../../edge-node/src/store/chain-store.ts";

/** A child process that prunes and compacts until somebody kills it. */
const [, , folder = "", below = "0"] = process.argv;
const chain = decodeGenesis(await readFile(`${folder}/genesis.cbor`));
const store = new ChainStore({ chain }, `${folder}/chain.sqlite`);
await store.open();
process.stdout.write("open\n");
let isMore = true;
while (isMore) {
  isMore = await store.pruneStep(Number(below));
  process.stdout.write("pruned\n");
}
while (await store.compactStep()) process.stdout.write("compacted\n");
process.stdout.write("done\n");
await store.close();
