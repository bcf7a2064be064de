import { randomBytes } from "node:crypto";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { signTransaction, VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import type { Hub } from "../hub/connect.ts";
import { readSigningKey } from "../signing/signing-key.ts";

const WAIT_MS = 30_000;
const RECEIPT_TRIES = 100;
const RETRY_MS = 200;

type Receipt = RouteAnswer<"receipt"> & { readonly hash: string };

interface Body {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Signs, hands in, waits until it is final, and gives the receipt. @throws Fault NOT_READY */
export async function sendContractTransaction(
  hub: Hub,
  keyFile: string,
  body: Body,
): Promise<Receipt> {
  const hash = await sendTransaction(hub, keyFile, body);
  return { ...(await receiptOf(hub, hash)), hash };
}

/** Signs, hands in, waits until it is final, and gives its hash. @throws Fault NOT_READY */
export async function sendTransaction(hub: Hub, keyFile: string, body: Body): Promise<string> {
  const chain = decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"));
  const key = await readSigningKey(hub, chain, keyFile);
  const { height } = await hub.call("status");
  const validUntilHeight = height + VALIDITY_WINDOW_BLOCKS / 2;
  const whole = { ...body, validUntilHeight, nonce: randomBytes(12) };
  const transaction = signTransaction(key.suite, key.signer, chain.chainId, whole, key.id);
  const { hash, state } = await hub.call("submitTransaction", {
    query: { waitMs: WAIT_MS },
    body: { transaction: Buffer.from(transaction).toString("base64url") },
  });
  if (state !== "final") throw new Fault("NOT_READY", `not final yet: gridledger query tx ${hash}`);
  return hash;
}

/** The hub fetches receipts a moment after the block. */
export async function receiptOf(hub: Hub, hash: string): Promise<RouteAnswer<"receipt">> {
  for (let left = RECEIPT_TRIES; ; left--) {
    try {
      return await hub.call("receipt", { params: { hash } });
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code !== "NOT_FOUND" || left === 0) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
