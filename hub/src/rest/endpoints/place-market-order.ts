import { addressOf } from "@gridledger/protocol/contracts/address";
import { decodeContractCall } from "@gridledger/protocol/contracts/call";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { MARKET_ADDRESS } from "@gridledger/protocol/market/addresses";
import { orderIdOf, readOrderCall } from "@gridledger/protocol/market/calls";
import type { Directory } from "../../index/directory.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { hexOf } from "../contract-view.ts";
import type { Endpoint } from "../endpoint.ts";

export interface OrderDeps {
  readonly chain: Chain;
  readonly outbox: Pick<Outbox, "submit">;
  readonly findIdentity: (id: string) => ReturnType<Directory["find"]>;
}

/** 202: on the hub's disk and on its way · 200: final. The hub signs nothing: the app did. */
export function placeMarketOrder({
  chain,
  outbox,
  findIdentity,
}: OrderDeps): Endpoint<"placeMarketOrder"> {
  return async ({ body, query, reply }) => {
    const encoded = Buffer.from(body.transaction, "base64url");
    const { action, clientId, sender } = readOrder(chain, encoded);
    const submitted = await outbox.submit(encoded, query.waitMs);
    reply.status(submitted.state === "final" ? 200 : 202);
    // `submit` has refused senders that the channel does not know.
    const { firstPublicKey } = findIdentity(formatHex(sender))!;
    const owner = addressOf(chain.suite.hash, firstPublicKey);
    return { order: hexOf(orderIdOf(owner, clientId)), action, ...submitted };
  };
}

/** @throws Fault REQUEST_INVALID where it is no order and no cancellation */
function readOrder(chain: Chain, encoded: Uint8Array) {
  try {
    const { kind: number, payload, sender } = decodeTransaction(chain.suite, encoded);
    const { to, data } = decodeContractCall(payload);
    const order = readOrderCall(data);
    if (number === kind.contractCall && equalBytes(to, MARKET_ADDRESS) && order !== undefined) {
      return { ...order, sender };
    }
  } catch (thrown) {
    const cause = asFault(thrown);
    throw new Fault("REQUEST_INVALID", `transaction: ${cause.message}`, { cause });
  }
  throw new Fault("REQUEST_INVALID", "transaction: neither an order nor a cancellation");
}
