import { randomBytes } from "node:crypto";
import { addressOf } from "@gridledger/protocol/contracts/address";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import type { Trader } from "@gridledger/protocol/market/sign-order";
import type { Hub } from "../hub/connect.ts";
import { readSigningKey } from "../signing/signing-key.ts";

interface OwnTrader extends Trader {
  /** The identity's account, which a rotation leaves as it is: it comes from the first key. */
  readonly address: Uint8Array;
}

/** Whoever holds the key, on the hub's channel as it stands now. */
export async function traderOf(hub: Hub, keyFile: string): Promise<OwnTrader> {
  const chain = decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"));
  const { first, ...by } = await readSigningKey(hub, chain, keyFile);
  const { height } = await hub.call("status");
  const address = addressOf(chain.suite.hash, first);
  return { chain, ...by, height, nonce: randomBytes(12), address };
}
