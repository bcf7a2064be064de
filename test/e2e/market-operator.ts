import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeContractCall } from "@gridledger/protocol/contracts/call";
import { international as suite } from "@gridledger/protocol/crypto/international";
import { encodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Role } from "@gridledger/protocol/ledger/roles";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { energyMarket } from "@gridledger/protocol/library/artifacts/energy-market";
import { meterRegistry } from "@gridledger/protocol/library/artifacts/meter-registry";
import { MARKET_ADDRESS, REGISTRY_ADDRESS } from "@gridledger/protocol/market/addresses";
import { encodeFunctionData, type Hex } from "viem";
import { readKeyFile } from "../../hub/src/cli/key-file.ts";
import { runCli } from "../cli/run-cli.ts";
import type { RunningNetwork } from "./running-network.ts";

const TARIFF = [{ fromMinute: 0, price: 400n }] as const;

/** The rules that a test says something about. */
interface WantedRules {
  readonly gateMs: number;
  readonly deadlineMs: number;
  readonly balancing: Hex;
}

/** What the operator of a running network does for its market. */
export class MarketOperator {
  readonly #network: RunningNetwork;

  constructor(network: RunningNetwork) {
    this.#network = network;
  }

  /** A key page or file of the home. */
  get page(): string {
    return join(this.#network.home, "keys", "operator.page");
  }

  /** Makes a key file and enrols it; answers its public key. */
  async enrol(role: Role, file: string, name: string): Promise<Uint8Array> {
    const { stdout } = await runCli(["keygen", file, "--json"]);
    const publicKey = Buffer.from(JSON.parse(stdout).publicKey, "base64url");
    await this.#send(kind.enrolment, encodeIdentity({ role, publicKey, name }));
    return publicKey;
  }

  async register(meter: string, owner: Hex): Promise<void> {
    const args = [meter, owner, ["1-0:1.8.0"], ["1-0:2.8.0"]] as const;
    const register = { abi: meterRegistry.abi, functionName: "register", args } as const;
    await this.#call(REGISTRY_ADDRESS, encodeFunctionData(register));
  }

  async declare({ gateMs, deadlineMs, balancing }: WantedRules): Promise<void> {
    const rules = {
      ...{ tick: 10n, ticks: 500, maxOrders: 4, maxQuantityWh: 1_000_000, gateMs, deadlineMs },
      ...{ horizon: 4, keptMs: 600_000n, utcOffsetMinutes: 0, balancing },
    };
    const call = { functionName: "declareRules", args: [rules, TARIFF, TARIFF] } as const;
    await this.#call(MARKET_ADDRESS, encodeFunctionData({ abi: energyMarket.abi, ...call }));
  }

  #call(to: Uint8Array, data: Hex): Promise<void> {
    const call = { gasLimit: 2_000_000, to, data: Buffer.from(data.slice(2), "hex") };
    return this.#send(kind.contractCall, encodeContractCall(call));
  }

  async #send(number: number, payload: Uint8Array): Promise<void> {
    const { chainId } = decodeGenesis(readFileSync(join(this.#network.home, "genesis.cbor")));
    const signer = await readKeyFile(suite, this.page);
    const transaction = signTransaction(suite, signer, chainId, {
      ...{ kind: number, validUntilHeight: (await this.#network.height()) + 500 },
      ...{ nonce: crypto.getRandomValues(new Uint8Array(8)), payload },
    });
    const body = { transaction: Buffer.from(transaction).toString("base64url") };
    const query = { waitMs: 20_000 };
    const { state } = await this.#network.api.call("submitTransaction", { query, body });
    assert.equal(state, "final");
  }
}
