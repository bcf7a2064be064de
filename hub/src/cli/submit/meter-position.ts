import { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import type { Hub } from "../hub/connect.ts";
import type { MeterPosition } from "./sign-batches.ts";

/** Asks the hub for the meter's last final batch, and hashes it here: the hub's word is not enough. */
export async function fetchMeterPosition(
  hub: Hub,
  chain: Chain,
  meter: string,
): Promise<MeterPosition> {
  const page = await hub
    .call("readings", { params: { meter }, query: { order: "desc", limit: 1 } })
    .catch((thrown: unknown) => {
      if (thrown instanceof Fault && thrown.code === "NOT_FOUND") return { items: [] };
      throw thrown;
    });
  const newest = page.items[0];
  if (newest === undefined) return { sequence: 0, payloadHash: new Uint8Array(32) };
  const { encoded } = await hub.call("transaction", { params: { hash: newest.txHash } });
  const transaction = decodeTransaction(chain.suite, Buffer.from(encoded, "base64url"));
  return { sequence: newest.sequence, payloadHash: chain.suite.hash(transaction.payload) };
}
