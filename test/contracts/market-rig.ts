import { addressOf, formatAddress } from "@gridledger/protocol/contracts/address";
import { meterCalendar } from "@gridledger/protocol/contracts/meter-calendar";
import type { Receipt } from "@gridledger/protocol/contracts/receipt";
import { revertReason } from "@gridledger/protocol/contracts/revert-reason";
import { energyMarket } from "@gridledger/protocol/library/artifacts/energy-market";
import { meterRegistry } from "@gridledger/protocol/library/artifacts/meter-registry";
import { placeAt } from "@gridledger/protocol/library/place-at";
import { shippedContracts } from "@gridledger/protocol/library/shipped";
import { type Abi, keccak256, toHex } from "viem";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { type Person, person } from "../edge-node/support.ts";
import { ContractRig, Deployed } from "./support.ts";

export const INTERVAL_MS = 60_000;
/** The interval that the tests trade; the rig's clock starts two before it. */
export const INTERVAL = 30_000_002;
const START_MS = INTERVAL * INTERVAL_MS;
const OBIS = "1-0:1.8.0";
const GIVEN = "1-0:2.8.0";

export const RULES = {
  tick: 10n,
  ticks: 32,
  maxOrders: 4,
  maxQuantityWh: 1_000_000,
  gateMs: 5_000,
  horizon: 4,
  deadlineMs: 120_000,
  keptMs: 600_000n,
  utcOffsetMinutes: 0,
};
export const SHORTFALL = 400;
export const SURPLUS = 30;

export type Wanted = {
  readonly clientId?: number;
  readonly meter?: string;
  readonly interval?: number;
  readonly isBuy?: boolean;
  readonly quantityWh?: bigint;
  readonly price?: bigint;
};

/** A market with some participants, each with a meter, and a clock that the test sets. */
export class MarketRig {
  readonly rig = new ContractRig({ contracts: shippedContracts(INTERVAL_MS) });
  readonly market = new Deployed(this.rig, energyMarket.abi as Abi, placeAt(0x0b10));
  readonly registry = new Deployed(this.rig, meterRegistry.abi as Abi, placeAt(0x0b05));
  readonly operator = this.rig.net.operator;
  readonly people: readonly Person[];
  readonly balancing = person();
  nowMs = START_MS - 2 * INTERVAL_MS;

  constructor(count: number) {
    this.people = Array.from({ length: count }, () => this.rig.enrolled("application"));
    for (const [at, who] of this.people.entries()) this.register(at, this.address(who));
  }

  open(rules: Partial<typeof RULES> = {}, who = this.operator): Receipt {
    const declared = { ...RULES, ...rules, balancing: this.address(this.balancing) };
    const band = (price: number) => [{ fromMinute: 0, price: BigInt(price) }];
    return this.send("declareRules", [declared, band(SHORTFALL), band(SURPLUS)], who);
  }

  register(at: number, owner: string): Receipt {
    const args = [`meter-${at}`, owner, [OBIS], [GIVEN]];
    const data = this.registry.data("register", args);
    return this.rig.block(
      [this.rig.call(this.operator, this.registry.address, data)],
      this.nowMs,
    )[0]!;
  }

  address(who: Person): `0x${string}` {
    return formatAddress(
      addressOf(this.rig.chain.suite.hash, who.signer.publicKey),
    ) as `0x${string}`;
  }

  meterId(at: number): `0x${string}` {
    return keccak256(toHex(`meter-${at}`));
  }

  orderData(wanted: Wanted): Uint8Array {
    const { clientId = 1, meter = this.meterId(0), interval = INTERVAL } = wanted;
    const { isBuy = true, quantityWh = 1_000n, price = 100n } = wanted;
    const id = toHex(clientId, { size: 32 });
    return this.market.data("placeOrder", [
      { clientId: id, meter, interval, isBuy, quantityWh, price },
    ]);
  }

  order(who: Person, wanted: Wanted): Receipt {
    const call = this.rig.call(who, this.market.address, this.orderData(wanted), 600_000);
    return this.rig.block([call], this.nowMs)[0]!;
  }

  send(name: string, args: readonly unknown[], who: Person = this.rig.app): Receipt {
    const call = this.rig.call(who, this.market.address, this.market.data(name, args), 5_900_000);
    return this.rig.block([call], this.nowMs)[0]!;
  }

  /** Why a call was reverted; undefined where it was not. */
  why(receipt: Receipt): string | undefined {
    return receipt.outcome === "success" ? undefined : revertReason(receipt.output);
  }

  view(name: string, args: readonly unknown[]): Record<string, bigint | number | string> {
    return this.market.value(name, args) as Record<string, bigint | number | string>;
  }

  balance(who: Person): bigint {
    return this.market.value("balanceOf", [this.address(who)]) as bigint;
  }

  toGate(): void {
    this.nowMs = START_MS - RULES.gateMs;
  }

  toEnd(laterMs = 0): void {
    this.nowMs = START_MS + INTERVAL_MS + laterMs;
  }

  /** Readings as the state keeps them: at the borders of the interval, or from somewhere else. */
  read(at: number, netWh: number, toMs: number = START_MS + INTERVAL_MS): void {
    const calendar = meterCalendar(this.rig.chain);
    const view = new StateView(this.rig.tree);
    const day = calendar.dayOf(START_MS);
    for (const [obis, wh] of [
      [OBIS, Math.max(netWh, 0)],
      [GIVEN, Math.max(-netWh, 0)],
    ] as const) {
      const points = [
        { timeMs: START_MS, wh: 5_000 },
        { timeMs: toMs, wh: 5_000 + wh },
      ];
      view.set(calendar.days, { meter: `meter-${at}`, obis, day }, { day, points });
    }
    this.rig.tree = view.commit().tree;
  }
}
