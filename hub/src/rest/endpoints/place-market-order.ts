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
import type { TransactionQueries } from "../../index/query/transaction-queries.ts";
import type { OrderJudge } from "../../market/order-judge.ts";
import { checkSubmission } from "../../outbox/check-submission.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { hexOf } from "../contract-view.ts";
import type { Endpoint } from "../endpoint.ts";

export interface OrderDeps {
  readonly chain: Chain;
  readonly outbox: Pick<Outbox, "submit">;
  readonly findIdentity: (id: string) => ReturnType<Directory["find"]>;
  readonly orderJudge: Pick<OrderJudge, "foresee" | "conclude">;
  readonly index: { readonly transactions: Pick<TransactionQueries, "heightOf"> };
}

/**
 * 202: on the hub's disk and on its way · 200: final, and taken where its receipt is here. What the market
 * refuses is answered with its code. The hub signs nothing: the app did.
 */
export function placeMarketOrder(deps: OrderDeps): Endpoint<"placeMarketOrder"> {
  const { chain, outbox, orderJudge, findIdentity, index } = deps;
  return async ({ body, query, reply }) => {
    const encoded = Buffer.from(body.transaction, "base64url");
    const { action, clientId, call } = readOrder(chain, encoded);
    const { sender, hash } = checkSubmission(chain, findIdentity, encoded);
    // The check has refused senders that the channel does not know.
    const { firstPublicKey } = findIdentity(formatHex(sender))!;
    const from = addressOf(chain.suite.hash, firstPublicKey);
    if ((await index.transactions.heightOf(hash)) === undefined) {
      await orderJudge.foresee({ from, ...call });
    }
    const submitted = await outbox.submit(encoded, query.waitMs);
    if (submitted.state === "final") await orderJudge.conclude(hash);
    reply.status(submitted.state === "final" ? 200 : 202);
    return { order: hexOf(orderIdOf(from, clientId)), action, ...submitted };
  };
}

/** @throws Fault REQUEST_INVALID where it is no order and no cancellation */
function readOrder(chain: Chain, encoded: Uint8Array) {
  try {
    const { kind: number, payload } = decodeTransaction(chain.suite, encoded);
    const call = decodeContractCall(payload);
    const order = readOrderCall(call.data);
    if (number === kind.contractCall && equalBytes(call.to, MARKET_ADDRESS) && order) {
      return { ...order, call };
    }
  } catch (thrown) {
    const cause = asFault(thrown);
    throw new Fault("REQUEST_INVALID", `transaction: ${cause.message}`, { cause });
  }
  throw new Fault("REQUEST_INVALID", "transaction: neither an order nor a cancellation");
}
