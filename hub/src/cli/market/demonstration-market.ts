import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { ApiClient } from "@gridledger/protocol/api/client";
import { addressOf, formatAddress } from "@gridledger/protocol/contracts/address";
import { encodeContractCall } from "@gridledger/protocol/contracts/call";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { asFault } from "@gridledger/protocol/faults";
import { encodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction, VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import { energyMarket } from "@gridledger/protocol/library/artifacts/energy-market";
import { meterRegistry } from "@gridledger/protocol/library/artifacts/meter-registry";
import { MARKET_ADDRESS, REGISTRY_ADDRESS } from "@gridledger/protocol/market/addresses";
import { signOrder } from "@gridledger/protocol/market/sign-order";
import { encodeFunctionData } from "viem";
import { DEFAULT_KEY_DAYS, HomeKeys } from "../keys/home-keys.ts";
import type { Home } from "../network/home.ts";
import type { Report } from "../network/network-event.ts";
import { DEFAULT_ORGANISATION } from "../network/provision-authority.ts";
import { readSigningKey, type SigningKey } from "../signing/signing-key.ts";
import { demonstrationRules, shortfallTariff, surplusTariff } from "./demonstration-rules.ts";
import { type DemonstrationTrader, demonstrationTraders } from "./demonstration-traders.ts";
import { forecastWh, priceOf } from "./forecast.ts";

const LOOK_MS = 2_000;
const CALL_GAS = 2_000_000;
/** An order needs a block before the gate closes. */
const LEAST_LEFT_MS = 3_000;
const FINAL_WITHIN_MS = 20_000;

interface DemonstrationMarketDeps {
  readonly home: Home;
  readonly chain: Chain;
  readonly url: () => string;
  readonly fetchHub: typeof fetch;
  readonly report: Report;
}

interface SigningTrader extends DemonstrationTrader {
  readonly signer: Signer;
}

/**
 * Simulated meters that trade with each other: each of them with a key of its own, through the REST door
 * as any trading app would. The operator's key opens the market once; the hub carries it on.
 */
export class DemonstrationMarket {
  readonly #deps: DemonstrationMarketDeps;
  readonly #client: ApiClient;
  #traders: readonly SigningTrader[] = [];
  #orderedFor = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #saidCode = "";

  constructor(deps: DemonstrationMarketDeps) {
    this.#deps = deps;
    const { url, fetchHub } = deps;
    this.#client = new ApiClient({
      get baseUrl() {
        return url();
      },
      fetch: fetchHub,
    });
  }

  start(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      void this.#look().finally(() => this.start());
    }, LOOK_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      if (this.#traders.length === 0) this.#traders = await this.#open();
      await this.#order();
      this.#saidCode = "";
    } catch (thrown) {
      const { code, message } = asFault(thrown);
      if (this.#isStopped || code === this.#saidCode) return;
      this.#saidCode = code;
      this.#deps.report({ event: "warning", detail: `the demonstration market waits: ${message}` });
    }
  }

  /** Keys, identities, rules and meters: what is there already is left. */
  async #open(): Promise<readonly SigningTrader[]> {
    const { chain, home } = this.#deps;
    const operator = await readSigningKey(this.#client, chain, home.key("operator"));
    const { items: known } = await this.#client.call("identities", { query: { limit: "500" } });
    const traders = demonstrationTraders.map((each) => ({ ...each, signer: this.#keyOf(each) }));
    for (const { name, signer } of traders) {
      const publicKey = Buffer.from(signer.publicKey).toString("base64url");
      if (known.some((identity) => identity.publicKey === publicKey)) continue;
      const payload = encodeIdentity({ role: "application", publicKey: signer.publicKey, name });
      await this.#send(operator, kind.enrolment, payload);
    }
    const { rules } = await this.#client.call("market");
    if (rules !== null) return traders;
    for (const { meter, taken, given, signer } of traders) {
      const owner = this.#addressOf(signer.publicKey);
      const args = [meter, owner, [...taken], [...given]] as const;
      const call = { abi: meterRegistry.abi, functionName: "register", args } as const;
      await this.#call(operator, REGISTRY_ADDRESS, encodeFunctionData(call));
    }
    const declared = demonstrationRules(this.#addressOf(operator.first));
    const args = [declared, shortfallTariff, surplusTariff] as const;
    const call = { abi: energyMarket.abi, functionName: "declareRules", args } as const;
    await this.#call(operator, MARKET_ADDRESS, encodeFunctionData(call));
    return traders;
  }

  /** Once an interval everybody orders for the next what the last minute lets expect. */
  async #order(): Promise<void> {
    const { intervalMs, rules } = await this.#client.call("market");
    if (rules === null) return;
    const gateIn = (interval: number) => interval * intervalMs - rules.gateMs - Date.now();
    let interval = Math.floor(Date.now() / intervalMs) + 1;
    if (gateIn(interval) < LEAST_LEFT_MS) interval++;
    if (interval <= this.#orderedFor) return;
    const { height } = await this.#client.call("status");
    let ordered = 0;
    for (const trader of this.#traders) {
      const netWh = await forecastWh(this.#client, trader, intervalMs).catch(() => 0);
      if (netWh === 0) continue;
      await this.#place(trader, { interval, netWh, height });
      ordered++;
    }
    // Readings of a network that was just started come in the next seconds.
    if (ordered > 0) this.#orderedFor = interval;
  }

  /** In two parts at two prices, which makes a book. */
  async #place(
    { name, meter, signer }: SigningTrader,
    { interval, netWh, height }: { interval: number; netWh: number; height: number },
  ): Promise<void> {
    const { chain } = this.#deps;
    const isBuy = netWh > 0;
    const wholeWh = Math.abs(netWh);
    const firstWh = Math.ceil(wholeWh * 0.7);
    for (const [part, quantityWh] of [firstWh, wholeWh - firstWh].entries()) {
      if (quantityWh === 0) continue;
      const order = {
        ...{ clientId: `${interval}-${part}`, meter, interval, isBuy, quantityWh },
        price: priceOf(name, interval, isBuy, part),
      };
      const trader = { chain, signer, height, nonce: randomBytes(8) };
      await this.#client.call("placeMarketOrder", {
        body: { transaction: Buffer.from(signOrder(trader, order)).toString("base64url") },
      });
    }
  }

  #keyOf({ name }: DemonstrationTrader): Signer {
    const { chain, home } = this.#deps;
    const keys = new HomeKeys(home);
    const file = home.page(name);
    if (existsSync(file)) return keys.open(file);
    const period = { owner: DEFAULT_ORGANISATION, fromMs: Date.now(), days: DEFAULT_KEY_DAYS };
    return keys.create(chain.suite, name, period);
  }

  #addressOf(publicKey: Uint8Array): `0x${string}` {
    return formatAddress(addressOf(this.#deps.chain.suite.hash, publicKey)) as `0x${string}`;
  }

  #call(by: SigningKey, to: Uint8Array, data: `0x${string}`): Promise<void> {
    const bytes = Buffer.from(data.slice(2), "hex");
    const payload = encodeContractCall({ gasLimit: CALL_GAS, to, data: bytes });
    return this.#send(by, kind.contractCall, payload);
  }

  async #send(by: SigningKey, number: number, payload: Uint8Array): Promise<void> {
    const { chain } = this.#deps;
    const { height } = await this.#client.call("status");
    const validUntilHeight = height + VALIDITY_WINDOW_BLOCKS / 2;
    const body = { kind: number, validUntilHeight, nonce: randomBytes(8), payload };
    const transaction = signTransaction(by.suite, by.signer, chain.chainId, body, by.id);
    await this.#client.call("submitTransaction", {
      query: { waitMs: String(FINAL_WITHIN_MS) },
      body: { transaction: Buffer.from(transaction).toString("base64url") },
    });
  }
}
