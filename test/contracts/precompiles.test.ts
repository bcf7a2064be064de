import assert from "node:assert/strict";
import { createHash, createSign, generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { addressOf, formatAddress } from "@gridledger/protocol/contracts/address";
import { sm2 } from "@gridledger/protocol/crypto/signatures";
import { formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { CorrectedValue } from "@gridledger/protocol/metering/correction";
import { Meter, sign, suite } from "../edge-node/support.ts";
import {
  read as asRead,
  changed,
  contentOf,
  corrected,
  estimated,
  NO_HASH,
  payloadOf,
  voided,
} from "../support/corrections.ts";
import { ContractRig } from "./support.ts";

const hex = (bytes: Uint8Array) => `0x${formatHex(bytes)}` as const;
const at = (number: number) => `0x${number.toString(16).padStart(40, "0")}`;
const REGISTER = "1-0:1.8.0";
const QUARTER = 900_000;

describe("precompiles", () => {
  const rig = new ContractRig();
  const contract = rig.deploy("Precompiles.sol", "Precompiles");
  const raw = (number: number, data: Uint8Array) =>
    contract.value("raw", [at(number), hex(data)]) as readonly [boolean, string];

  it("hash with SM3", () => {
    const digest = createHash("sm3").update("abc").digest();
    assert.equal(contract.value("sm3", [hex(Buffer.from("abc"))]), hex(digest));
  });

  it("verify SM2, and nothing but a right signature of the key", () => {
    const signer = sm2.signer(sm2.generateKey());
    const message = Buffer.from("12 kWh");
    const signature = signer.sign(message);
    const good = Buffer.concat([signer.publicKey, signature, message]);
    assert.equal(BigInt(raw(0x0a02, good)[1]), 1n);
    for (let flip = 0; flip < good.length; flip += 7) {
      const bad = Buffer.from(good);
      bad[flip]! ^= 1;
      assert.deepEqual(raw(0x0a02, bad), [true, "0x"]);
    }
    assert.deepEqual(raw(0x0a02, good.subarray(0, 60)), [true, "0x"]);
  });

  it("verify P-256 as RIP-7212 says", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const message = Buffer.from("sold");
    const sign = createSign("sha256").update(message);
    const signature = sign.sign({ key: privateKey, dsaEncoding: "ieee-p1363" });
    const { x, y } = publicKey.export({ format: "jwk" });
    const hash = createHash("sha256").update(message).digest();
    const key = [x, y].map((part) => Buffer.from(part!, "base64url"));
    const data = Buffer.concat([hash, signature, ...key]);
    assert.equal(BigInt(raw(0x100, data)[1]), 1n);
    data[5]! ^= 1;
    assert.deepEqual(raw(0x100, data), [true, "0x"]);
  });

  it("tell a contract the role of who calls it (guide §4.3.2)", () => {
    const { operator, devices } = rig.net;
    const address = (who: typeof operator) =>
      formatAddress(addressOf(rig.chain.suite.hash, who.signer.publicKey));
    assert.equal(contract.value("roleOf", [address(rig.app)]), 5n);
    assert.equal(contract.value("roleOf", [address(operator)]), 0n, "it has sent nothing yet");
    assert.equal(contract.value("onlyOperators", [], operator), 1n);
    assert.equal(contract.value("roleOf", [address(operator)]), 3n);
    assert.equal(contract.send("onlyOperators", [], devices[0]).outcome, "reverted");
    assert.equal(contract.value("roleOf", [formatAddress(contract.address)]), 0n, "a contract");
  });

  it("revert on what they cannot read", () => {
    for (const data of ["", "00", "ffffffff", "ffffffff".repeat(40)]) {
      for (const number of [0x0a03, 0x0a04]) {
        assert.equal(raw(number, Buffer.from(data, "hex"))[0], false);
      }
    }
  });
});

describe("the energy of a meter", () => {
  const rig = new ContractRig();
  const contract = rig.deploy("Precompiles.sol", "Precompiles");
  const [device] = rig.net.devices;
  const start = Date.UTC(2026, 0, 10);
  const meter = new Meter(rig.chain, device!, "house-1");

  const read = (quarters: readonly number[], wh: (quarter: number) => number | null) => {
    const timesMs = quarters.map((quarter) => start + quarter * QUARTER);
    const values = quarters.map(wh);
    const register = { obis: REGISTER, unit: "Wh", scaler: 0, values };
    const batch = meter.next({ timesMs, registers: [register] });
    rig.block([batch], Date.UTC(2030, 0, 1));
    return batch;
  };
  let corrections = 0;
  let previousHash: Uint8Array = NO_HASH;
  /** By the device, days later. */
  const correct = (batch: Uint8Array, ...values: readonly CorrectedValue[]) => {
    const register = { obis: REGISTER, unit: "Wh", scaler: 0, values };
    const content = contentOf(rig.chain, rig.net.validators, batch, {
      ...{ number: ++corrections, previousHash, registers: [register] },
    });
    previousHash = suite.hash(content);
    const body = { kind: kind.correction, validUntilHeight: rig.height + 100 };
    rig.block([sign(rig.chain, device!, payloadOf(content), body)], start + 3 * 86_400_000);
  };
  const at = (quarter: number): number => start + quarter * QUARTER;
  const energy = (from: number, to: number) =>
    contract.value("energy", [
      "house-1",
      REGISTER,
      BigInt(start + from * QUARTER),
      BigInt(start + to * QUARTER),
    ]) as unknown;
  const flags = (from: number, to: number) =>
    (
      contract.value("quality", [
        "house-1",
        REGISTER,
        BigInt(start + from * QUARTER),
        BigInt(start + to * QUARTER),
      ]) as readonly bigint[]
    ).slice(1);

  it("is unknown before somebody who may has asked to keep it", () => {
    read([0, 1], (quarter) => 1_000 + quarter);
    assert.deepEqual(energy(0, 1), [0n, 1n, 0n]);
    assert.equal(contract.send("watch", ["house-1"], device).outcome, "reverted");
    contract.send("watchAndFail", ["house-1"]);
    assert.equal(contract.value("isWatched", ["house-1"]), 0n, "a revert undoes it");
    assert.equal(contract.value("watch", ["house-1"]), 1n);
    assert.equal(contract.value("isWatched", ["house-1"]), 1n);
  });

  it("is the difference of the register between quarters of an hour", () => {
    read([2, 3, 4, 5], (quarter) => 2_000 + 100 * quarter);
    assert.deepEqual(energy(2, 5), [300n, 0n, 0n]);
    assert.deepEqual(energy(2, 3), [100n, 0n, 0n]);
  });

  it("says which intervals are estimated and which are missing", () => {
    read([9], (quarter) => 2_000 + 100 * quarter);
    assert.deepEqual(energy(5, 9), [400n, 0n, 4n], "on the line between two readings");
    assert.deepEqual(energy(1, 3), [100n, 1n, 0n], "nothing before it was watched");
    assert.deepEqual(energy(8, 12), [100n, 3n, 1n], "nothing yet after the last reading");
  });

  it("does not count a register that runs backwards", () => {
    read([10, 11], (quarter) => (quarter === 10 ? 50 : 80));
    assert.deepEqual(energy(9, 11), [30n, 1n, 0n]);
  });

  it("adds up over neighbouring spans, whatever the readings' times", () => {
    const minutes = (quarter: number, minute: number) => quarter + minute / 15;
    read([minutes(12, 3), minutes(13, 1), minutes(13, 14), minutes(15, 2)], (q) =>
      Math.round(q * 777),
    );
    const [whole] = energy(11, 15) as readonly bigint[];
    const parts = [11, 12, 13, 14].map(
      (quarter) => (energy(quarter, quarter + 1) as readonly bigint[])[0]!,
    );
    assert.equal(
      parts.reduce((sum, part) => sum + part, 0n),
      whole,
    );
  });

  it("is that of the corrected readings, and says so", () => {
    const batch = read([20, 21, 22, 23, 24], (quarter) => 20_000 + 100 * quarter);
    const asked = () =>
      contract.send("energy", ["house-1", REGISTER, BigInt(at(20)), BigInt(at(24))]);
    const before = asked().gasUsed;
    assert.deepEqual(flags(20, 24), [0n, 0n, 0n]);
    correct(batch, changed(at(21), asRead(22_100), corrected(22_150)));
    assert.deepEqual(energy(20, 21), [150n, 0n, 0n]);
    assert.deepEqual(energy(21, 22), [50n, 0n, 0n]);
    assert.deepEqual(energy(20, 24), [400n, 0n, 0n], "the ends did not move");
    assert.deepEqual(flags(20, 24), [0n, 0n, 2n]);
    assert.ok(asked().gasUsed >= before + 4_200, "what is looked up is paid for");
    correct(batch, changed(at(21), corrected(22_150), estimated(22_160)));
    assert.deepEqual(energy(20, 24), [400n, 0n, 2n]);
    correct(batch, changed(at(22), asRead(22_200), voided));
    assert.deepEqual(energy(21, 23), [140n, 0n, 2n], "on the line past the void one");
    assert.deepEqual(flags(20, 24), [0n, 3n, 3n]);
    correct(batch, changed(at(24), asRead(22_400), voided));
    assert.deepEqual(energy(23, 24), [0n, 1n, 0n], "nothing after it is left");
  });

  it("counts a value that the meter did not give once it is filled in", () => {
    const batch = read([30, 31, 32], (quarter) => (quarter === 31 ? null : 30_000 + 10 * quarter));
    assert.deepEqual(energy(30, 32), [20n, 0n, 2n]);
    correct(batch, changed(at(31), asRead(null), corrected(30_318)));
    assert.deepEqual(energy(30, 31), [18n, 0n, 0n]);
    assert.deepEqual(flags(30, 32), [0n, 0n, 2n]);
  });

  it("refuses spans that are no quarters, too long or backwards", () => {
    const ask = (from: bigint, to: bigint) =>
      contract.send("energy", ["house-1", REGISTER, from, to]).outcome;
    const from = BigInt(start);
    assert.equal(ask(from + 1n, from + 900_000n), "reverted");
    assert.equal(ask(from, from), "reverted");
    assert.equal(ask(from, from + 9n * 86_400_000n), "reverted");
    assert.equal(ask(from, (1n << 64n) - 1n), "reverted");
  });

  it("is forgotten after eight days", () => {
    read([96 * 9, 96 * 9 + 1], (quarter) => 100_000 + quarter);
    assert.deepEqual(energy(2, 3), [0n, 1n, 0n]);
    assert.deepEqual(energy(96 * 9, 96 * 9 + 1), [1n, 0n, 0n]);
  });
});
