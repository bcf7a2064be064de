import type {
  MarketInterval,
  MarketOrder,
  MarketRules,
  MarketSettlement,
} from "@gridledger/protocol/api/market-contract";
import { addressOf, formatAddress } from "@gridledger/protocol/contracts/address";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import type { Directory } from "../index/directory.ts";
import { placeOf } from "../index/position.ts";
import type {
  DeclaredRules,
  IntervalRow,
  OrderRow,
  SettlementRow,
} from "../market/market-queries.ts";
import { bytesOf, hexOf } from "./contract-view.ts";

type Party = MarketOrder["owner"];

/** Names the owner of an account where the channel knows the identity. */
export class Parties {
  readonly #hash: Hash;
  readonly #directory: Pick<Directory, "page">;
  #names: ReadonlyMap<string, string> = new Map();
  #known = 0;

  constructor(hash: Hash, directory: Pick<Directory, "page">) {
    this.#hash = hash;
    this.#directory = directory;
  }

  of(address: Uint8Array): Party {
    const text = formatAddress(address);
    return { address: text, name: this.#all().get(text) ?? null };
  }

  #all(): ReadonlyMap<string, string> {
    const identities = this.#directory.page(Number.MAX_SAFE_INTEGER);
    if (identities.length === this.#known) return this.#names;
    this.#known = identities.length;
    this.#names = new Map(
      identities.map(({ firstPublicKey, name }) => [
        formatAddress(addressOf(this.#hash, firstPublicKey)),
        name,
      ]),
    );
    return this.#names;
  }
}

export function orderView(row: OrderRow, parties: Parties): MarketOrder {
  return {
    id: hexOf(row.id),
    interval: Number(row.interval),
    owner: parties.of(row.owner),
    meter: { id: hexOf(row.meter), name: row.meter_name },
    clientId: hexOf(row.client_id),
    side: row.is_buy === 1 ? "buy" : "sell",
    quantityWh: Number(row.quantity_wh),
    price: Number(row.price),
    state: row.state,
    filledWh: row.filled_wh === null ? null : Number(row.filled_wh),
    clearedPrice: row.state === "cleared" ? Number(row.cleared_price) : null,
    height: placeOf(Number(row.position)).height,
  };
}

export function settlementView(row: SettlementRow, parties: Parties): MarketSettlement {
  const { trade, deviation, state, times } = row;
  return {
    interval: Number(row.interval),
    owner: parties.of(row.owner),
    meter: { id: hexOf(row.meter), name: row.meter_name },
    tradedWh: Number(row.traded_wh),
    meteredWh: Number(row.metered_wh),
    ...{ trade, deviation, state, times },
    amount: String(BigInt(trade) + BigInt(deviation)),
    height: placeOf(Number(row.position)).height,
  };
}

export function intervalView(row: IntervalRow, intervalMs: number): MarketInterval {
  const interval = Number(row.interval);
  const isCleared = row.price !== null;
  const volumeWh = Number(row.volume_wh ?? 0);
  const isSettled = isCleared && row.settled >= row.meters;
  return {
    interval,
    startMs: interval * intervalMs,
    endMs: (interval + 1) * intervalMs,
    phase: isSettled ? "settled" : isCleared ? "cleared" : "open",
    price: volumeWh > 0 ? Number(row.price) : null,
    volumeWh,
    demandWh: Number(row.demand_wh ?? 0),
    supplyWh: Number(row.supply_wh ?? 0),
    ...{ orders: row.orders, meters: row.meters, settled: row.settled },
  };
}

export function rulesView(rules: DeclaredRules, parties: Parties): MarketRules {
  return {
    ...rules,
    balancing: parties.of(bytesOf(rules.balancing)),
    shortfall: [...rules.shortfall],
    surplus: [...rules.surplus],
  };
}
