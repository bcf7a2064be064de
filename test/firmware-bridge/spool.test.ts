import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import { Database } from "../../firmware-bridge/src/spool/database.ts";
import { Spool } from "../../firmware-bridge/src/spool/spool.ts";
import { chain, deviceKey, genesisBytes, owner } from "./test-chain.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spool-"));
  file = join(folder, "spool.sqlite");
});

afterEach(() => rmSync(folder, { recursive: true }));

const register = { obis: "1-0:1.8.0", unit: "Wh", scaler: 0, value: 1 };
const openSpool = (maxBytes = 1e9) => Spool.open(file, owner, maxBytes);

/** Runs the bridge until it has acknowledged so many readouts, then kills it without warning. */
async function runAndKill(from: number, readouts: number): Promise<number> {
  const script = new URL("crashing-bridge.ts", import.meta.url).pathname;
  const args = [
    file,
    formatHex(genesisBytes),
    Buffer.from(deviceKey).toString("hex"),
    String(from),
  ];
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.split("\n").length > readouts) {
      child.kill("SIGKILL");
      break;
    }
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  const lines = text.split("\n");
  return Number(lines[lines.length - 2]);
}

describe("a spool whose process is killed", () => {
  it("has every acknowledged reading exactly once, in linked batches", {
    timeout: 60_000,
  }, async () => {
    let next = 0;
    for (const readouts of [1, 7, 23, 50]) {
      const acknowledged = await runAndKill(next, readouts);
      const spool = await openSpool();
      const [range] = await spool.pendingRanges();
      const batches = await spool.pendingBatches("m1", 1, 10_000);
      const values: (number | null)[] = [];
      let previousHash: Uint8Array = new Uint8Array(32);
      for (const { payload, sequence } of batches) {
        const batch = decodeReadingBatch(payload);
        assert.equal(batch.sequence, sequence);
        assert.deepEqual(Buffer.from(batch.previousHash), Buffer.from(previousHash));
        previousHash = chain.suite.hash(payload);
        values.push(...(batch.registers[0]?.values ?? []));
      }
      for (const reading of await spool.openReadings())
        values.push(reading.registers[0]?.value ?? null);
      await spool.close();
      assert.deepEqual(
        values,
        values.map((_, i) => 1_000 + i),
        "none missing, none twice",
      );
      assert.ok(values.length > acknowledged, "what was acknowledged is there");
      assert.ok(values.length < 3 || range?.first === 1);
      next = values.length;
    }
  });
});

describe("a damaged spool", () => {
  const refuses = (code: string) =>
    assert.rejects(openSpool(), (fault: Error & { code?: string }) => {
      assert.equal(fault.code, code);
      assert.ok(fault.message.includes(file), "names the file");
      return true;
    });

  async function filled(): Promise<void> {
    const spool = await openSpool();
    for (let i = 0; i < 200; i++) await spool.append("m1", i, [register]);
    await spool.close();
  }

  it("of another kind of file is refused", async () => {
    writeFileSync(
      file,
      "this is not a database, not even a little, and it is long enough to be sure",
    );
    await refuses("SPOOL_CORRUPT");
  });

  it("that is empty is refused: sequence numbers must not start again", async () => {
    writeFileSync(file, "");
    await refuses("SPOOL_CORRUPT");
  });

  it("with an overwritten page is refused", async () => {
    await filled();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4_096, bytes.length - 100);
    writeFileSync(file, bytes);
    await refuses("SPOOL_CORRUPT");
  });

  it("that was cut off is refused", async () => {
    await filled();
    writeFileSync(file, readFileSync(file).subarray(0, 8_192));
    await refuses("SPOOL_CORRUPT");
  });

  it("with a missing batch is refused", async () => {
    const spool = await openSpool();
    for (let sequence = 1; sequence <= 3; sequence++) {
      const reading = await spool.append("m1", sequence, [register]);
      await spool.seal({ meter: "m1", sequence, payload: Uint8Array.of(1) }, new Uint8Array(32), [
        reading,
      ]);
    }
    await spool.close();
    const database = await Database.open(file, false);
    await database.exec("DELETE FROM batches WHERE sequence = 2");
    await database.close();
    await refuses("SPOOL_CORRUPT");
  });

  it("of another chain or device is refused", async () => {
    await (await openSpool()).close();
    const other = { ...owner, chainId: new Uint8Array(32) };
    await assert.rejects(Spool.open(file, other, 1e9), { code: "CHAIN_MISMATCH" });
  });

  it("that another process has open is refused", async () => {
    const spool = await openSpool();
    await refuses("SPOOL_LOCKED");
    await spool.close();
  });
});

describe("the spool's size", () => {
  it("stays near its cap on disk however much is offered", async () => {
    const maxBytes = 500_000;
    const spool = await openSpool(maxBytes);
    const results = await Promise.allSettled(
      Array.from({ length: 20_000 }, (_, i) => spool.append(`m${i % 50}`, i, [register])),
    );
    const refused = results.filter(({ status }) => status === "rejected").length;
    assert.ok(refused > 0);
    assert.equal(spool.counters.refusedFull, refused);
    assert.ok(spool.counters.usedBytes <= maxBytes);
    await spool.close();
    assert.ok(statSync(file).size < 2 * maxBytes);
  });

  it("many appends share a commit", async () => {
    const spool = await openSpool();
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => spool.append("m1", i, [register])));
    assert.ok(spool.counters.commits <= 3);
    await spool.close();
  });
});
