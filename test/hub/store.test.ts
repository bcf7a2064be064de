import assert from "node:assert/strict";
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Store } from "../../hub/src/store/store.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { startRig } from "./rig.ts";

describe("the store", () => {
  let directory = "";
  let file = "";

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "gl-store-"));
    file = join(directory, "hub.sqlite");
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test("migrations run once and again do nothing", async () => {
    for (let i = 0; i < 2; i++) {
      const store = new Store({ file });
      await store.start();
      assert.deepEqual(await store.read("blocks"), []);
      await store.stop();
      await store.stop();
    }
  });

  test("commits are durable: WAL and FULL", async () => {
    const store = new Store({ file });
    await store.start();
    const pragmas = await store.transaction(async (db) => [
      (await db.raw("pragma journal_mode"))[0].journal_mode,
      (await db.raw("pragma synchronous"))[0].synchronous,
    ]);
    assert.deepEqual(pragmas, ["wal", 2]);
    await store.stop();
  });

  test("only its owner reads its files, also where they were open to others", async () => {
    for (let i = 0; i < 2; i++) {
      const store = new Store({ file });
      await store.start();
      await store.transaction(async (db) => db.raw("create table if not exists t (a)"));
      const names = readdirSync(directory);
      assert.ok(names.includes("hub.sqlite-wal"));
      for (const name of names) {
        assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
      }
      await store.stop();
      chmodSync(file, 0o644);
    }
  });

  test("a file that is no database is STORE_CORRUPT and named", async () => {
    writeFileSync(file, Buffer.alloc(8_192, "no database"));
    await assert.rejects(new Store({ file }).start(), (fault: Error & { code: string }) => {
      assert.equal(fault.code, "STORE_CORRUPT");
      assert.ok(fault.message.includes(file));
      return true;
    });
  });

  test("damaged pages are STORE_CORRUPT at the next start", async () => {
    const builder = new ChainBuilder();
    const rig = await startRig(builder, { directory });
    for (let i = 0; i < 50; i++) {
      const timesMs = [1_750_000_000_000 + i * 1_000];
      rig.carry(builder.add([builder.batch(builder.devices[0]!, { meter: "M", timesMs })]));
    }
    await rig.indexed(50);
    await rig.stop(true);
    const pages = Math.floor(statSync(file).size / 4_096);
    const handle = openSync(file, "r+");
    for (let page = 2; page < pages; page++) {
      writeSync(handle, Buffer.alloc(64, 0xee), 0, 64, page * 4_096);
    }
    closeSync(handle);
    await assert.rejects(startRig(builder, { directory }), { code: "STORE_CORRUPT" });
  });

  test("a header that was changed in place is found at start", async () => {
    const builder = new ChainBuilder();
    const rig = await startRig(builder, { directory });
    rig.carry(builder.add([]));
    await rig.indexed(1);
    await rig.store.transaction((db) => db("blocks").update({ header: Buffer.alloc(200) }));
    await rig.stop(true);
    await assert.rejects(startRig(builder, { directory }), { code: "STORE_CORRUPT" });
  });

  test("the index of another chain is refused", async () => {
    const rig = await startRig(new ChainBuilder(), { directory });
    await rig.stop(true);
    await assert.rejects(startRig(new ChainBuilder(), { directory }), { code: "CHAIN_MISMATCH" });
  });
});
