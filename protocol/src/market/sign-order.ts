import { encodeContractCall } from "../contracts/call.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import type { Chain } from "../ledger/genesis.ts";
import { kind } from "../ledger/kinds.ts";
import {
  signTransaction,
  type TransactionBody,
  VALIDITY_WINDOW_BLOCKS,
} from "../ledger/transaction.ts";
import { MARKET_ADDRESS } from "./addresses.ts";
import { encodeCancelOrder, encodePlaceOrder, type WantedOrder } from "./calls.ts";

/** More than an order takes; what is not used costs nothing. */
const ORDER_GAS = 500_000;

/** Where a trading app stands: its channel, its key, the height it has heard of. */
export interface Trader {
  readonly chain: Chain;
  /** The key of now. */
  readonly signer: Signer;
  /** Of that key, where it is not the channel's. */
  readonly suite?: Suite;
  /** Identity id, where a rotation has made it another than the key's hash. */
  readonly id?: Uint8Array;
  readonly height: number;
  /** Of the transaction; anything that is new. */
  readonly nonce: Uint8Array;
}

/** The signed transaction that places an order, for `POST /api/v1/market/orders`. @throws Fault CONTRACT_SHAPE */
export function signOrder(trader: Trader, order: WantedOrder): Uint8Array {
  return signMarketCall(trader, encodePlaceOrder(order));
}

/** The signed transaction that takes an order back. @throws Fault CONTRACT_SHAPE */
export function signCancellation(trader: Trader, clientId: string): Uint8Array {
  return signMarketCall(trader, encodeCancelOrder(clientId));
}

/** Any call of the market, signed. */
export function signMarketCall(trader: Trader, data: Uint8Array): Uint8Array {
  const { chain, signer, suite = chain.suite, id } = trader;
  return signTransaction(suite, signer, chain.chainId, marketCall(trader, data), id);
}

/** Any call of the market, before it is signed. */
export function marketCall(
  { height, nonce }: Pick<Trader, "height" | "nonce">,
  data: Uint8Array,
  gasLimit = ORDER_GAS,
): TransactionBody {
  return {
    kind: kind.contractCall,
    validUntilHeight: height + VALIDITY_WINDOW_BLOCKS / 2,
    nonce,
    payload: encodeContractCall({ gasLimit, to: MARKET_ADDRESS, data }),
  };
}
