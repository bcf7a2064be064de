import { readFile } from "node:fs/promises";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { assembleChain } from "../../edge-node/src/chain/chain-parts.ts";
import { openSealedBlocks } from "../../edge-node/src/chain/sealed-block.ts";
import { ChainStore } from "../../edge-node/src/store/chain-store.ts";

/** A child process that stores blocks as fast as it can until somebody kills it. */
const [, , folder = ""] = process.argv;
const chain = decodeGenesis(await readFile(`${folder}/genesis.cbor`));
const blocks = JSON.parse(await readFile(`${folder}/blocks.json`, "utf8")) as string[];
const store = new ChainStore({ chain }, `${folder}/chain.sqlite`);
const loaded = await store.open();
const { ledger, pool } = assembleChain(
  {
    chain,
    store,
    now: Date.now,
    clock: () => 0,
    onStoreFault: () => process.exit(3),
    onDropped: () => {},
  },
  loaded,
  undefined,
);
for (const block of blocks.slice(ledger.head.height)) {
  const opened = await openSealedBlocks(
    {
      chain,
      state: () => ledger.head.state,
      pool,
      clock: () => performance.now(),
      pause: () => Promise.resolve(),
    },
    [Buffer.from(block, "base64")],
  );
  ledger.import(opened.sealed[0]!, "sync");
  await ledger.stored;
  process.stdout.write(`${ledger.head.height}\n`);
}
