import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { PayloadStore } from "../../hub/src/objects/payload-store.ts";

const root = new Uint8Array(32).fill(1);
const marker = Buffer.from("the meter stood in the cellar of number nine");
const payload = {
  ...{ root, secret: Buffer.from("a secret nobody may see again 12"), sizeBytes: marker.length },
  ...{ leaves: new Uint8Array(32), transaction: new Uint8Array(9) },
};

describe("the payloads of objects", () => {
  let directory = "";
  let store: PayloadStore;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "gl-objects-"));
    store = new PayloadStore({ file: join(directory, "objects.sqlite") });
    await store.start();
  });
  afterEach(async () => {
    await store.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const holds = (bytes: Uint8Array) =>
    readdirSync(directory).some((file) =>
      readFileSync(join(directory, file)).includes(Buffer.from(bytes)),
    );

  test("that were erased are in no file any more, nor is what their salts follow from", async () => {
    await store.begin(payload, 1);
    await store.putChunk(root, 0, Buffer.concat(Array(900).fill(marker)), 2);
    assert.ok(holds(marker) && holds(payload.secret));
    await store.erase(root);
    assert.equal(await store.find(root), undefined);
    assert.ok(!holds(marker), "bytes");
    assert.ok(!holds(payload.secret), "secret");
  });

  test("that were erased do not come back with a chunk that was on its way", async () => {
    await store.begin(payload, 1);
    const erased = store.erase(root);
    await assert.rejects(store.putChunk(root, 0, marker, 2), { code: "OBJECT_UNKNOWN" });
    await erased;
    assert.deepEqual(await store.present(root), []);
    assert.ok(!holds(marker));
  });

  test("take chunks that come at once together, and refuse none for another's sake", async () => {
    await store.begin(payload, 1);
    const other = new Uint8Array(32).fill(2);
    const puts = [3, 1, 1, 2].map((index) => store.putChunk(root, index, marker, index));
    const stray = assert.rejects(store.putChunk(other, 0, marker, 2), { code: "OBJECT_UNKNOWN" });
    await Promise.all([...puts, stray]);
    assert.deepEqual(await store.present(root), [1, 2, 3]);
    assert.deepEqual(await store.present(other), []);
  });

  test("are for their owner's eyes only", () => {
    assert.equal(statSync(join(directory, "objects.sqlite")).mode & 0o777, 0o600);
  });

  test("of an upload that nobody goes on with are dropped, of a finished one never", async () => {
    await store.begin(payload, 1);
    await store.putChunk(root, 0, marker, 5);
    assert.deepEqual(await store.unfinished(), { count: 1, bytes: marker.length });
    assert.deepEqual(await store.forgetUnfinished(5), []);
    assert.equal((await store.forgetUnfinished(6)).length, 1);
    assert.deepEqual(await store.present(root), []);
    await store.begin(payload, 1);
    await store.acknowledge(root, payload.transaction, new Uint8Array(3));
    assert.deepEqual(await store.forgetUnfinished(99), []);
    assert.deepEqual(await store.unfinished(), { count: 0, bytes: 0 });
  });
});
