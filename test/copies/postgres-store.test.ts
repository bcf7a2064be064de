import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { chunkSpan, decodeManifest } from "@gridledger/protocol/objects/manifest";
import { openStore } from "../../hub/src/objects/copies/open-store.ts";
import { StoreHolder } from "../../hub/src/objects/copies/store-holder.ts";
import { type Server, startPostgres } from "../mapping/servers.ts";
import { packed } from "../objects/support.ts";
import { ChainBuilder } from "../support/chain-builder.ts";

// guide §10.5: raw data in several databases; here a real server.
describe("a further store of a hub in PostgreSQL", () => {
  const builder = new ChainBuilder();
  const { suite } = builder.chain;
  const bytes = Buffer.alloc(2_500, "kWh ");
  const object = packed(builder, builder.operator, bytes);
  const { root } = object.manifest;
  const opening = { transaction: object.transaction, secret: object.secret };
  const folder = mkdtempSync(join(tmpdir(), "gl-pg-store-"));
  let server: Server;
  let store: StoreHolder;

  const chunk = (index: number) => {
    const { from, to } = chunkSpan(object.manifest, index);
    return { bytes: bytes.subarray(from, to), path: object.leaves.slice(0, index + 1) };
  };

  before(async () => {
    server = await startPostgres();
    const { host, port, database } = server.address;
    const file = join(folder, "postgres.json");
    writeFileSync(file, JSON.stringify({ host, port, database, ...server.owner }), { mode: 0o600 });
    const manifestOf = (transaction: Uint8Array) =>
      decodeManifest(decodeTransaction(suite, transaction).payload);
    store = new StoreHolder(
      { db: openStore({ postgres: file }), hash: suite.hash, manifestOf },
      { name: "archive", capacityBytes: 4_000 },
    );
  });

  after(async () => {
    await store.stop();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  test("keeps an object in chunks that come in any order, once, and gives out what it was given", async () => {
    assert.equal((await store.keep(root, opening)).firstMissing, 0);
    await store.put(root, 1, chunk(1));
    assert.equal((await store.state(root)).firstMissing, 0);
    for (const index of [0, 2, 2]) await store.put(root, index, chunk(index));
    assert.equal((await store.keep(root, opening)).firstMissing, 3);
    const { bytes: given, path } = await store.chunk(root, 1);
    assert.deepEqual(Buffer.from(given), chunk(1).bytes);
    assert.deepEqual(path.map(Buffer.from), chunk(1).path.map(Buffer.from));
    const nonce = Uint8Array.of(1, 2, 3);
    assert.deepEqual(await store.digest(root, 2, nonce), suite.hash(nonce, chunk(2).bytes));
    const { transaction, secret } = await store.opening(root);
    assert.deepEqual(Buffer.from(transaction), Buffer.from(opening.transaction));
    assert.deepEqual(Buffer.from(secret), Buffer.from(opening.secret));
  });

  test("takes nothing beyond its capacity", async () => {
    const other = packed(builder, builder.operator, Buffer.alloc(1_600));
    const { transaction, secret } = other;
    await assert.rejects(store.keep(other.manifest.root, { transaction, secret }), {
      code: "COPY_SPACE",
    });
  });

  test("has nothing left of what was erased", async () => {
    await store.erase(root);
    await assert.rejects(store.state(root), { code: "COPY_UNKNOWN" });
    await assert.rejects(store.chunk(root, 0), { code: "COPY_UNKNOWN" });
    await store.erase(root);
    assert.equal((await store.keep(root, opening)).firstMissing, 0);
  });

  test("is silent while what it holds cannot be read, and serves again after", async () => {
    await server.run("alter table gridledger_copies rename to elsewhere");
    await assert.rejects(store.state(root), { code: "COPY_SILENT" });
    await server.run("alter table elsewhere rename to gridledger_copies");
    assert.equal((await store.state(root)).firstMissing, 0);
  });
});
