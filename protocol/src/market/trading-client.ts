import { ApiClient, ApiError, type RequestInput } from "../api/client.ts";
import type { Problem, RouteAnswer } from "../api/contract.ts";
import type { ContractLog } from "../api/contracts-contract.ts";
import type { MarketInterval, MarketOrder, MarketSettlement } from "../api/market-contract.ts";
import { contractEventsPath } from "../api/paths.ts";
import { pauseFor, type RetryOptions, retryingFetch } from "../api/retrying-fetch.ts";
import { serverSentEvents } from "../api/server-sent-events.ts";
import { addressOf, formatAddress } from "../contracts/address.ts";
import { identityId } from "../crypto/identity-id.ts";
import type { Signer, Suite } from "../crypto/suite.ts";
import { Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import { type Chain, decodeGenesis } from "../ledger/genesis.ts";
import { MARKET_ADDRESS } from "./addresses.ts";
import { orderId, type WantedOrder } from "./calls.ts";
import { type MarketNews, readMarketNews } from "./market-news.ts";
import { isMarketRefusal, marketRefusal } from "./refusals.ts";
import { signCancellation, signOrder, type Trader } from "./sign-order.ts";

const FINAL_WITHIN_MS = 30_000;
const RECEIPT_TRIES = 60;
const RECEIPT_PAUSE_MS = 250;
const RECONNECT_MS = 1_000;
const NONCE_BYTES = 12;

export interface TradingOptions extends RetryOptions {
  /** Of the hub, without a slash at its end. */
  readonly baseUrl: string;
  /** E.g. `authorization: Bearer …`, where the hub answers known apps only. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

/** What became of an order or a cancellation that the contract took. */
export interface Placed {
  /** The order's id, 0x and 64 digits. */
  readonly order: string;
  readonly transaction: string;
  readonly height: number;
}

type Lists = {
  readonly marketIntervals: MarketInterval;
  readonly marketOrders: MarketOrder;
  readonly marketTrades: MarketOrder;
  readonly marketSettlements: MarketSettlement;
};
type Filter = { readonly interval?: number; readonly owner?: string };

/** Whose key signs, where it is not the first that the app was enrolled with. */
export interface RotatedTrader {
  /** Public key of then: the account stays its own. */
  readonly firstPublicKey: Uint8Array;
  /** Of the key of now, where it is not the channel's. */
  readonly suite?: Suite;
}

/** The channel that a hub serves; compare its `chainId` with the one that you were told. */
export async function channelOf(options: TradingOptions): Promise<Chain> {
  const { encoded } = await apiOf(options).call("genesis");
  return decodeGenesis(Buffer.from(encoded, "base64url"));
}

function apiOf({ baseUrl, headers, ...retries }: TradingOptions): ApiClient {
  return new ApiClient({ baseUrl, fetch: retryingFetch(retries), ...(headers && { headers }) });
}

/**
 * The market for a trading app (guide §3.2): orders signed with the app's own key, and what came of them.
 * A request that was not answered is sent again; an order stays one order, because its client id is its name.
 */
export class TradingClient {
  readonly #options: TradingOptions;
  readonly #chain: Chain;
  readonly #signer: Signer;
  readonly #rotated: RotatedTrader | undefined;
  /** For what the typed methods leave out: every route of the hub, by name. */
  readonly api: ApiClient;

  /** @param signer of the key of now */
  constructor(options: TradingOptions, chain: Chain, signer: Signer, rotated?: RotatedTrader) {
    this.#options = options;
    this.#chain = chain;
    this.#signer = signer;
    this.#rotated = rotated;
    this.api = apiOf(options);
  }

  /** The app's account, as orders and statements name it. */
  get address(): string {
    return formatAddress(this.#account);
  }

  market(): Promise<RouteAnswer<"market">> {
    return this.api.call("market");
  }

  book(interval: number): Promise<RouteAnswer<"marketBook">> {
    return this.api.call("marketBook", { params: { interval } });
  }

  /** One of the app's own orders, by the name that it gave. @throws ApiError NOT_FOUND */
  order(clientId: string): Promise<MarketOrder> {
    const order = `0x${formatHex(orderId(this.#account, clientId))}`;
    return this.api.call("marketOrder", { params: { order } });
  }

  /** Newest first, page after page as they are asked for. */
  intervals(): AsyncGenerator<MarketInterval> {
    return this.#list("marketIntervals", {});
  }

  orders(filter: Filter = {}): AsyncGenerator<MarketOrder> {
    return this.#list("marketOrders", filter);
  }

  trades(filter: Filter = {}): AsyncGenerator<MarketOrder> {
    return this.#list("marketTrades", filter);
  }

  settlements(filter: Filter = {}): AsyncGenerator<MarketSettlement> {
    return this.#list("marketSettlements", filter);
  }

  /** The balance with its proven height, and the last settlements that made it. */
  statement(owner = this.address): Promise<RouteAnswer<"marketStatement">> {
    return this.api.call("marketStatement", { params: { owner } });
  }

  /**
   * Resolves when the contract has taken the order and its block is final.
   * @throws ApiError for a refusal of the hub; Fault ORDER_*, MARKET_* in the contract's words; NOT_READY
   */
  place(order: WantedOrder): Promise<Placed> {
    return this.#send((trader) => signOrder(trader, order));
  }

  /** Takes back an order while its gate is open. @throws as `place` */
  cancel(clientId: string): Promise<Placed> {
    return this.#send((trader) => signCancellation(trader, clientId));
  }

  /**
   * Orders, trades and settlements of everybody as they become final, each once and in order, for ever:
   * where the connection ends, it goes on behind the last. `after` is the `place` that was seen last.
   */
  async *news(after?: string, signal?: AbortSignal): AsyncGenerator<MarketNews> {
    const { pause = pauseFor } = this.#options;
    const isOver = () => signal?.aborted === true;
    let last = after;
    while (!isOver()) {
      try {
        for await (const log of this.#logs(last, signal)) {
          last = `${log.height}.${log.index}`;
          const news = readMarketNews(log);
          if (news !== undefined) yield news;
        }
      } catch (thrown) {
        if (isOver()) return;
        if (!(thrown instanceof TypeError)) throw thrown;
      }
      await pause(RECONNECT_MS);
    }
  }

  get #account(): Uint8Array {
    return addressOf(this.#chain.suite.hash, this.#first);
  }

  get #first(): Uint8Array {
    return this.#rotated?.firstPublicKey ?? this.#signer.publicKey;
  }

  async *#list<Name extends keyof Lists>(name: Name, filter: Filter): AsyncGenerator<Lists[Name]> {
    let cursor: string | undefined;
    do {
      const query = { ...filter, limit: 500, ...(cursor === undefined ? {} : { cursor }) };
      const page = await this.api.call(name, { query } as unknown as RequestInput<Name>);
      const { items, next } = page as { items: Lists[Name][]; next: string | null };
      yield* items;
      cursor = next ?? undefined;
    } while (cursor !== undefined);
  }

  async *#logs(after: string | undefined, signal?: AbortSignal): AsyncGenerator<ContractLog> {
    const { baseUrl, headers, ...retries } = this.#options;
    const query = new URLSearchParams({ address: formatAddress(MARKET_ADDRESS) });
    if (after !== undefined) query.set("after", after);
    const response = await retryingFetch(retries)(`${baseUrl}${contractEventsPath}?${query}`, {
      headers: { accept: "text/event-stream", ...headers?.() },
      ...(signal && { signal }),
    });
    if (!response.ok) throw new ApiError((await response.json()) as Problem);
    if (response.body === null) return;
    for await (const { name, data } of serverSentEvents(response.body)) {
      if (name === "log") yield JSON.parse(data);
    }
  }

  /** The same bytes until they are final: however often they arrive, they are one transaction. */
  async #send(sign: (trader: Trader) => Uint8Array): Promise<Placed> {
    const { height } = await this.api.call("status");
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const { suite = this.#chain.suite } = this.#rotated ?? {};
    const id = identityId(this.#chain.suite.hash, this.#first);
    const by = { chain: this.#chain, signer: this.#signer, suite, id };
    const signed = sign({ ...by, height, nonce });
    const { order, hash, state } = await this.#handIn(signed);
    if (state !== "final") throw new Fault("NOT_READY", `the order ${order} is not final yet`);
    const { outcome, reason, height: finalAt } = await this.#receipt(hash);
    const refusal = marketRefusal({ outcome, reason });
    if (refusal !== undefined) throw refusal;
    return { order, transaction: hash, height: finalAt };
  }

  async #handIn(signed: Uint8Array): Promise<RouteAnswer<"placeMarketOrder">> {
    const transaction = Buffer.from(signed).toString("base64url");
    try {
      const query = { waitMs: FINAL_WITHIN_MS };
      return await this.api.call("placeMarketOrder", { query, body: { transaction } });
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || !isMarketRefusal(thrown.problem.code)) throw thrown;
      throw new Fault(thrown.problem.code, thrown.problem.detail);
    }
  }

  /** A hub has it a moment after the block. */
  async #receipt(hash: string): Promise<RouteAnswer<"receipt">> {
    const { pause = pauseFor } = this.#options;
    for (let left = RECEIPT_TRIES; ; left--) {
      try {
        return await this.api.call("receipt", { params: { hash } });
      } catch (thrown) {
        const isMissing = thrown instanceof ApiError && thrown.problem.code === "NOT_FOUND";
        if (!isMissing || left === 0) throw thrown;
      }
      await pause(RECEIPT_PAUSE_MS);
    }
  }
}
