import { randomBytes } from "node:crypto";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import type { Trader } from "@gridledger/protocol/market/sign-order";
import type { Hub } from "../hub/connect.ts";
import { readKeyFile } from "../key-file.ts";

/** Whoever holds the key, on the hub's channel as it stands now. */
export async function traderOf(hub: Hub, keyFile: string): Promise<Trader> {
  const chain = decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"));
  const signer = await readKeyFile(chain.suite, keyFile);
  const { height } = await hub.call("status");
  return { chain, signer, height, nonce: randomBytes(12) };
}
