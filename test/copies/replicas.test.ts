import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import {
  decodeHoldingStatement,
  verifyHoldingStatement,
} from "@gridledger/protocol/copies/holding-statement";
import { formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { decodeCopyPiece, encodeCopyPiece } from "@gridledger/protocol/messages/copy-piece";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { decodeTransactions } from "@gridledger/protocol/messages/transactions";
import { topics } from "@gridledger/protocol/topics";
import { PayloadStore } from "../../hub/src/objects/payload-store.ts";
import { call } from "../hub/call.ts";
import { erasureVotes, votesFor } from "./votes.ts";
import { World } from "./world.ts";

const bytes = randomBytes(40_000);
const MANY = { chunkBytes: 4_096 };
const TEN_MINUTES = 600_000;

let world: World | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
});

/** A flipped bit in every chunk that goes out. */
function lie(answer: Uint8Array): Uint8Array {
  if (peekMessageType(answer) !== messageType.copyPiece) return answer;
  const piece = decodeCopyPiece(answer);
  const bytes = Buffer.from(piece.bytes);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return encodeCopyPiece({ ...piece, bytes });
}

describe("an object is kept by as many holders as the rule wants", () => {
  test("it is placed by itself, each holder signs that it has all, and reads are shared", async () => {
    world = await World.start();
    const of = await world.put(bytes, MANY);
    const { root } = of.manifest;
    const holding = await world.holding(root);
    assert.equal(holding.length, 2);
    const { suite, chainId } = world.builder.chain;
    for (const row of await world.copies.table.of(root)) {
      const { key } = holding.find((one) => one.key.id === row.holder)!;
      const said = decodeHoldingStatement(row.statement!);
      const statement = verifyHoldingStatement(suite, key.signer.publicKey, chainId, said);
      assert.equal(statement.chunks, of.leaves.length);
    }
    assert.deepEqual(await world.read(of), bytes);
    const shown = (await call(world.rig, `/api/v1/objects/${formatHex(root)}/copies`)).json;
    assert.deepEqual([shown.wanted, shown.held], [2, 2]);
    const names = (some: { holder: string }[]) => some.map((one) => one.holder).sort();
    assert.deepEqual(names(shown.placement), names(shown.copies));
    assert.deepEqual(shown.copies[0].signed, true);
    const all = (await call(world.rig, "/api/v1/copies")).json;
    assert.deepEqual([all.underReplicated, all.holders.length, all.copies], [0, 4, { held: 2 }]);
    const summary = await world.copies.service.summary();
    assert.deepEqual([summary.objects, summary.underReplicated], [1, 0]);
    assert.deepEqual(summary.copies, { held: 2 });
    assert.deepEqual(world.alarms(), []);
  });

  test("one that lies is noticed, told, avoided and healed, and every read is right", async () => {
    world = await World.start();
    const of = await world.put(bytes, MANY);
    const { root } = of.manifest;
    const [liar] = await world.holding(root);
    liar!.twist = lie;
    for (let read = 0; read < 3; read++) assert.deepEqual(await world.read(of), bytes);
    assert.deepEqual(world.alarms(), ["copy.lying"]);
    liar!.twist = (answer) => answer;
    await world.tick();
    assert.equal((await world.holding(root)).length, 2);
  });

  test("validators decide how many: three, of which one lies, one is stale and one is dead", async () => {
    world = await World.start();
    const of = await world.put(bytes, MANY);
    const { root } = of.manifest;
    const three = { type: "copies", classification: "internal", copies: 3 } as const;
    await world.block(votesFor(world.builder, three));
    await world.tick();
    const [liar, stale, dead] = await world.holding(root);
    liar!.twist = lie;
    await stale!.store.erase(root);
    dead!.isDead = true;
    for (let read = 0; read < 6; read++) assert.deepEqual(await world.read(of), bytes);
    await world.tick();
    const told = new Set(world.alarms());
    assert.deepEqual([...told].sort(), ["copy.lying", "copy.stale"]);
    liar!.twist = (answer) => answer;
    await world.pass(TEN_MINUTES + 120_000, 240_000);
    const after = await world.holding(root);
    assert.equal(after.length, 3);
    assert.ok(after.includes(liar!) && after.includes(stale!) && !after.includes(dead!));
    await world.block(votesFor(world.builder, { ...three, copies: 1 }));
    await world.tick();
    await world.tick();
    assert.equal((await world.holding(root)).length, 1);
  });

  test("a bit that turned on a holder's disk is found by the audit and mended", async () => {
    world = await World.start();
    const { root } = (await world.put(randomBytes(900))).manifest;
    const [holder] = await world.holding(root);
    const part = await holder!.store.read(root, 0, { offset: 0, bytes: 2_000 });
    const turned = Buffer.from(part!.bytes);
    turned[7] = turned[7]! ^ 1;
    await holder!.store.putChunk(root, 0, turned, part!.path);
    await world.tick();
    assert.deepEqual(world.alarms(), ["copy.lying"]);
    await world.tick();
    assert.equal((await world.holding(root)).length, 2);
    const mended = await holder!.store.read(root, 0, { offset: 0, bytes: 2_000 });
    assert.deepEqual(Buffer.from(mended!.bytes), Buffer.from(part!.bytes));
  });

  test("one that has lost it is stale until it has it again", async () => {
    world = await World.start();
    const of = await world.put(bytes, MANY);
    const { root } = of.manifest;
    const [holder] = await world.holding(root);
    await holder!.store.erase(root);
    await world.tick();
    assert.deepEqual(world.alarms(), ["copy.stale"]);
    await world.tick();
    assert.equal(await holder!.store.firstMissing(root), Math.ceil(bytes.length / 4_096));
    assert.equal((await world.holding(root)).length, 2);
  });

  test("one that is dead is passed over at once, and after ten minutes another takes its place; back, the surplus goes", async () => {
    world = await World.start();
    const of = await world.put(bytes, MANY);
    const { root } = of.manifest;
    const before = await world.holding(root);
    const [dead, alive] = before;
    dead!.isDead = true;
    assert.deepEqual(await world.read(of), bytes);
    await world.pass(TEN_MINUTES + 120_000, 240_000);
    const after = await world.holding(root);
    assert.equal(after.length, 2);
    assert.ok(after.includes(alive!) && !after.includes(dead!));
    assert.ok(world.alarms().includes("copy.silent"));
    assert.deepEqual(await world.read(of), bytes);
    dead!.isDead = false;
    world.hear(dead!);
    await world.tick();
    await world.tick();
    assert.deepEqual(await world.holding(root), before);
    const substitute = after.find((one) => !before.includes(one));
    assert.equal(await substitute!.store.find(root), undefined);
  });
});

describe("copies do not outlive a decision", () => {
  test("a holder that was away erases before it serves, and is on the list until its receipt is on the chain", async () => {
    world = await World.start();
    const of = await world.put(bytes, MANY);
    const { root } = of.manifest;
    const [away] = await world.holding(root);
    away!.isDead = true;
    await world.block(erasureVotes(world.builder, root));
    await world.tick();
    const replicas = async () => {
      const path = `/api/v1/objects/${formatHex(root)}/erasure`;
      const { json } = await call(world!.rig, path);
      return json.outstanding.map(({ replica }: { replica: string }) => replica).sort();
    };
    for (const holder of world.holders) await holder.service.look();
    const all = world.holders.flatMap(({ submitted }) => submitted.splice(0));
    const said = [...new Map(all.map((one) => [formatHex(one), one])).values()];
    const kinds = said.map((one) => decodeTransaction(world!.builder.chain.suite, one).kind);
    assert.deepEqual(kinds, [kind.erasureReceipt], "the other holder has erased");
    await world.block(said);
    await world.tick();
    assert.deepEqual(await replicas(), [world.builder.hub.id, away!.key.id].sort());

    away!.isDead = false;
    await world.tick();
    assert.equal(away!.submitted.length, 0, "it does not know of the decision yet");
    away!.chain.follow();
    await world.tick();
    assert.equal(await away!.store.find(root), undefined);
    await world.block(away!.submitted.splice(0).slice(0, 1));
    await world.tick();
    assert.deepEqual(await replicas(), [world.builder.hub.id]);
    const states = (await world.copies.table.of(root)).map(({ state }) => state);
    assert.deepEqual(states, ["erased", "erased"]);
  });
});

describe("further stores of a hub", () => {
  test("hold what is confidential, heal the hub's own copy, and are erased with it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gl-store-"));
    const file = join(folder, "second.sqlite");
    const stores = [{ name: "second", capacityBytes: 2 ** 30, file }];
    world = await World.start({ copies: { stores } });
    await world.tick();
    const topic = topics.transaction("test", world.builder.hub.id);
    const declared = world.rig.bus.published.filter((one) => one.topic === topic);
    await world.block([...decodeTransactions(declared.at(-1)!.payload)]);
    const of = await world.put(bytes, { ...MANY, classification: "confidential" });
    const { root } = of.manifest;
    const [row, ...more] = await world.copies.table.of(root);
    assert.equal(row?.holder, `${world.builder.hub.id}/second`);
    assert.deepEqual([row?.state, more.length], ["held", 0]);
    assert.equal((await world.copies.service.summary()).underReplicated, 1);

    const own = new PayloadStore({ file: join(world.rig.directoryPath, "objects.sqlite") });
    await own.start();
    await own.putChunk(root, 3, randomBytes(4_096), 0);
    assert.deepEqual(await world.read(of), bytes);
    assert.deepEqual(await own.chunk(root, 3), bytes.subarray(3 * 4_096, 4 * 4_096));
    await own.erase(root);
    assert.deepEqual(await world.read(of), bytes, "without the hub's own");
    await own.stop();

    await world.block(erasureVotes(world.builder, root));
    await assert.rejects(world.read(of), { code: "OBJECT_ERASED" });
    await world.tick();
    await world.tick();
    assert.equal(readFileSync(file).includes(bytes.subarray(0, 64)), false);
    await rm(folder, { recursive: true });
  });
});
