import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { addressOf, formatAddress } from "@gridledger/protocol/contracts/address";
import type { ContractSet } from "@gridledger/protocol/contracts/contract-set";
import { revertReason } from "@gridledger/protocol/contracts/revert-reason";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { contractSetOf, decodeGenesis, encodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { meterRegistry } from "@gridledger/protocol/library/artifacts/meter-registry";
import { catalogue } from "@gridledger/protocol/library/catalogue";
import { shippedContracts } from "@gridledger/protocol/library/shipped";
import fc from "fast-check";
import type { Abi } from "viem";
import { compileLibrary } from "../../hub/build/compile-library.ts";
import { compileSolidity } from "../../hub/src/cli/contracts/compile-solidity.ts";
import { Meter } from "../edge-node/support.ts";
import { ContractRig, Deployed } from "./support.ts";

const INTERVAL = 60_000;
const ONE = 1_000_000n;
const entry = (name: string) => catalogue.find((each) => each.name === name)!;

describe("the contract library", () => {
  const contracts = shippedContracts(INTERVAL);
  const rig = new ContractRig({ contracts });
  const user = rig.deploy("Library.sol", "LibraryUser");
  const { operator, devices } = rig.net;

  it("is part of the genesis, and a genesis without it means what it always meant", () => {
    const { genesis } = rig.chain;
    assert.deepEqual(genesis.contracts, contracts);
    const { contracts: _, ...without } = genesis;
    const old = decodeGenesis(encodeGenesis(without));
    assert.equal(old.genesis.contracts, undefined);
    assert.equal(contractSetOf(old).meterIntervalMs, 900_000);
    const refuse = (change: Partial<ContractSet>) => () =>
      decodeGenesis(encodeGenesis({ ...genesis, contracts: { ...contracts, ...change } }));
    const [first] = contracts.placed;
    assert.throws(refuse({ placed: [first!, first!] }), /one address/);
    assert.throws(refuse({ placed: [{ ...first!, code: new Uint8Array(0) }] }), /no code/);
    assert.throws(refuse({ meterIntervalMs: 1_500 }), /meter interval/);
  });

  it("is, byte by byte, what its sources compile to", () => {
    for (const { name, code, version } of compileLibrary()) {
      const { address } = entry(name);
      const placed = contracts.placed.find(
        (each) => formatHex(each.address) === formatHex(address),
      )!;
      assert.equal(code, `0x${formatHex(placed.code)}`, `${name}: run "npm run library"`);
      assert.equal(version, placed.version, name);
    }
  });

  it("lets a channel's roles and OpenZeppelin's stand side by side", () => {
    assert.equal(user.send("byOperator", [], operator).outcome, "success");
    assert.equal(user.send("byOperator", [], devices[0]).outcome, "reverted");
    assert.equal(user.send("byApplication", [], rig.app).outcome, "success");
    assert.equal(revertReason(user.send("byApplication", [], operator).output), "role");
    assert.equal(user.send("byClerk", [], devices[0]).outcome, "reverted");
    const clerk = formatAddress(addressOf(rig.chain.suite.hash, devices[0]!.signer.publicKey));
    user.send("grantRole", [user.value("CLERK"), clerk]);
    assert.equal(user.send("byClerk", [], devices[0]).outcome, "success");
    assert.equal(user.value("written"), 3n);
  });

  it("rounds cost and fixed point as it is told, and never otherwise", () => {
    const rounded = (a: bigint, b: bigint, rounding: number) => {
      const [down, rest] = [a / b, a % b];
      if (rest === 0n || rounding === 0) return down;
      return rounding === 1 || 2n * rest >= b ? down + 1n : down;
    };
    const number = fc.bigInt(0n, 1n << 100n);
    const property = fc.property(number, number, fc.integer({ min: 0, max: 2 }), (a, b, how) => {
      assert.equal(user.value("cost", [a, b, how]), rounded(a * b, 1_000n, how));
      const expected = [rounded(a * b, ONE, how), rounded(a * ONE, b + 1n, how)];
      const [times] = user.value("fixedPoint", [a, b + 1n, how]) as readonly bigint[];
      assert.equal(times, rounded(a * (b + 1n), ONE, how));
      assert.equal(
        (user.value("fixedPoint", [a, b + 1n, how]) as readonly bigint[])[1],
        expected[1],
      );
    });
    fc.assert(property, { numRuns: 12 });
  });

  it("rounds what is owed down, for both sides", () => {
    assert.equal(user.value("amount", [1n, 999n]), -1n);
    assert.equal(user.value("amount", [-1n, 999n]), 0n);
    assert.equal(user.value("amount", [-1_001n, 1_000n]), 1_001n);
    assert.equal(user.value("amount", [0n, 5n]), 0n);
  });

  it("shares to the last unit", () => {
    const quantities = fc.array(fc.bigInt(1n, 50n), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(quantities, fc.double({ min: 0, max: 1, noNaN: true }), (parts, portion) => {
        const total = parts.reduce((sum, part) => sum + part, 0n);
        const available = BigInt(Math.floor(Number(total) * portion));
        let [before, given] = [0n, 0n];
        for (const part of parts) {
          const share = user.value("share", [before, part, available, total]) as bigint;
          assert.ok(share <= part);
          before += part;
          given += share;
        }
        assert.equal(given, available);
      }),
      { numRuns: 8 },
    );
  });

  it("knows the price of a time of the day", () => {
    const bands = [
      { fromMinute: 0, price: 10n },
      { fromMinute: 420, price: 30n },
      { fromMinute: 1_380, price: 20n },
    ];
    const at = (hour: number, offset: number) =>
      user.value("priceAt", [bands, offset, BigInt(Date.UTC(2026, 5, 1, hour))]);
    assert.deepEqual(
      [at(0, 0), at(6, 0), at(7, 0), at(22, 0), at(23, 0)],
      [10n, 10n, 30n, 30n, 20n],
    );
    assert.equal(at(23, 480), 30n, "seven in the morning eight hours to the east");
    const refused = (bad: readonly unknown[]) =>
      revertReason(user.send("priceAt", [bad, 0, 0n]).output);
    assert.equal(refused([]), "tariff: 1 to 24 bands");
    assert.equal(refused([{ fromMinute: 5, price: 1n }]), "tariff: starts at midnight");
    assert.equal(refused([bands[0], bands[2], bands[1]]), "tariff: bands ascend");
  });

  it("keeps a registry of meters that the operator writes and everybody reads", () => {
    const registry = new Deployed(rig, meterRegistry.abi as Abi, entry("MeterRegistry").address);
    const owner = formatAddress(addressOf(rig.chain.suite.hash, rig.app.signer.publicKey));
    const args = ["house-1", owner, ["1-0:1.8.0"], ["1-0:2.8.0"]];
    const why = (given: readonly unknown[], who = operator) =>
      revertReason(registry.send("register", given, who).output);
    assert.equal(why(args, rig.app), "role");
    assert.equal(why(["", owner, ["1-0:1.8.0"], []]), "registry: name of 1 to 64 bytes");
    assert.equal(why(["house-1", owner, [], []]), "registry: no register");
    const id = registry.value("register", args, operator);
    assert.equal(String(registry.value("ownerOf", [id])).toLowerCase(), owner);

    const start = 1_800_000_000_000;
    const meter = new Meter(rig.chain, devices[0]!, "house-1");
    const column = (obis: string, values: number[]) => ({ obis, unit: "Wh", scaler: 0, values });
    const registers = [column("1-0:1.8.0", [100, 150, 190]), column("1-0:2.8.0", [7, 7, 80])];
    const timesMs = [0, 1, 2].map((minute) => start + minute * INTERVAL);
    rig.block(
      [meter.next({ timesMs, registers, validUntilHeight: rig.height + 10 })],
      start + 3 * INTERVAL,
    );
    const energy = (from: number, to: number) =>
      user.value("energy", [id, ...[from, to].map((each) => BigInt(start + each * INTERVAL))]);
    assert.deepEqual(energy(0, 1), [50n, 0n, 0n]);
    assert.deepEqual(energy(1, 2), [-33n, 0n, 0n]);
    assert.deepEqual(energy(2, 3), [0n, 2n, 0n]);
    assert.equal(registry.send("remove", [id], operator).outcome, "success");
    assert.equal(BigInt(String(registry.value("ownerOf", [id]))), 0n);
  });

  it("refuses to compile what needs a library without an address", () => {
    const file = fileURLToPath(new URL("./solidity/Unlinked.sol", import.meta.url));
    assert.throws(
      () => compileSolidity(file),
      (thrown) => thrown instanceof Fault && /OwnLibrary/.test(thrown.message),
    );
  });
});
