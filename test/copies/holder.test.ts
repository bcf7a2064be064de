import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, test } from "node:test";
import {
  decodeHoldingStatement,
  verifyHoldingStatement,
} from "@gridledger/protocol/copies/holding-statement";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { decodeCopyAnswer } from "@gridledger/protocol/messages/copy-answer";
import {
  decodeCopyPiece,
  encodeCopyPiece,
  PIECE_BYTES,
} from "@gridledger/protocol/messages/copy-piece";
import { type CopyMatter, encodeCopyQuestion } from "@gridledger/protocol/messages/copy-question";
import { decodeKeepCopy, encodeKeepCopy } from "@gridledger/protocol/messages/keep-copy";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { chunkSpan } from "@gridledger/protocol/objects/manifest";
import { filters, topics } from "@gridledger/protocol/topics";
import { until } from "../hub/rig.ts";
import { type Packed, packed } from "../objects/support.ts";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { MemoryBus } from "../support/memory-bus.ts";
import { TestHolder } from "./holder-rig.ts";
import { erasureVotes } from "./votes.ts";

const CHUNK_BYTES = 100_000;
const bytes = randomBytes(250_000);

let holder: TestHolder | undefined;
afterEach(async () => {
  await holder?.stop();
  holder = undefined;
});

/** Talks to one holder as a hub does, by hand. */
function rig(maxBytes?: number) {
  const builder = new ChainBuilder();
  const bus = new MemoryBus();
  const [key] = builder.validators;
  holder = new TestHolder(builder, key!, bus, maxBytes === undefined ? {} : { maxBytes });
  const { hub } = builder;
  const heard: Uint8Array[] = [];
  bus.subscribe(filters.copies("test", hub.id), (_, payload) => heard.push(payload));
  const ask = async (message: Uint8Array, by: Key = hub) => {
    const before = heard.length;
    if (by !== hub) bus.subscribe(filters.copies("test", by.id), (_, one) => heard.push(one));
    bus.publish(topics.copies("test", key!.id, by.id), message);
    await until(() => heard.length > before, "the holder answers");
    return heard.at(-1)!;
  };
  const answerOf = async (message: Uint8Array, by?: Key) =>
    decodeCopyAnswer(await ask(message, by));
  const put = (...objects: readonly Packed[]) => {
    builder.add(objects.map(({ transaction }) => transaction));
    holder!.chain.follow();
  };
  return { builder, bus, ask, answerOf, put, heard };
}

const keepOf = ({ manifest: { root }, transaction, secret }: Packed) =>
  encodeKeepCopy({ id: 1, root, transaction, secret });

function piecesOf(builder: ChainBuilder, of: Packed, index: number, raw = of.bytes): Uint8Array[] {
  const { from, to } = chunkSpan(of.manifest, index);
  const chunk = raw.slice(from, to);
  const tree = new MerkleTree(builder.chain.suite.hash, of.leaves);
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset === 0 || offset < chunk.length; offset += PIECE_BYTES) {
    const part = chunk.slice(offset, offset + PIECE_BYTES);
    const path = offset + part.length === chunk.length ? tree.path(index) : [];
    const { root } = of.manifest;
    pieces.push(encodeCopyPiece({ id: 2, root, index, offset, bytes: part, path }));
  }
  return pieces;
}

const question = (about: CopyMatter, { manifest: { root } }: Packed, index = 0, offset = 0) => {
  const nonce = new Uint8Array(about === "digest" ? 16 : 0);
  return encodeCopyQuestion({ id: 3, about, root, index, offset, nonce });
};

describe("a node keeps a copy", () => {
  const object = (builder: ChainBuilder, said = {}) =>
    packed(builder, builder.operator, bytes, { chunkBytes: CHUNK_BYTES, ...said });

  test("chunk by chunk against the root, says with its signature that it has all, and gives it out", async () => {
    const { builder, ask, answerOf, put } = rig();
    const of = object(builder);
    put(of);
    assert.equal((await answerOf(question("state", of))).code, "COPY_UNKNOWN");
    assert.equal((await answerOf(keepOf(of))).firstMissing, 0);
    let last = await answerOf(keepOf(of));
    for (const index of [0, 1, 2]) {
      for (const piece of piecesOf(builder, of, index)) last = await answerOf(piece);
    }
    assert.deepEqual([last.code, last.firstMissing], ["", 3]);
    const { suite, chainId } = builder.chain;
    const said = decodeHoldingStatement(last.statement);
    const { publicKey } = builder.validators[0]!.signer;
    assert.equal(verifyHoldingStatement(suite, publicKey, chainId, said).chunks, 3);

    const opening = decodeKeepCopy(await ask(question("opening", of)));
    assert.deepEqual(Buffer.from(opening.secret), Buffer.from(of.secret));
    const [one, two] = [0, PIECE_BYTES].map((offset) => question("read", of, 1, offset));
    const parts = [decodeCopyPiece(await ask(one!)), decodeCopyPiece(await ask(two!))];
    const chunk = Buffer.concat(parts.map((part) => part.bytes));
    assert.deepEqual(chunk, bytes.subarray(CHUNK_BYTES, 2 * CHUNK_BYTES));
    assert.deepEqual(
      parts.map(({ path }) => path.length),
      [0, 2],
    );
    const digest = (await answerOf(question("digest", of, 1))).digest;
    assert.deepEqual(Buffer.from(digest), Buffer.from(suite.hash(new Uint8Array(16), chunk)));
  });

  test("and nothing that the root does not name, that is not on the chain, or that has no room", async () => {
    const { builder, answerOf, put } = rig(300_000);
    const of = object(builder);
    assert.equal((await answerOf(keepOf(of))).code, "OBJECT_UNKNOWN");
    const [other, secret] = [object(builder), object(builder, { classification: "confidential" })];
    put(of, other, secret);
    assert.equal((await answerOf(keepOf(secret))).code, "COPY_SHAPE");
    await answerOf(keepOf(of));
    assert.equal((await answerOf(keepOf(other))).code, "COPY_SPACE");
    const forged = Buffer.from(bytes);
    forged[9] = forged[9]! ^ 1;
    let last = "";
    for (const piece of piecesOf(builder, of, 0, forged)) last = (await answerOf(piece)).code;
    assert.equal(last, "OBJECT_CHUNK");
    const [, second] = piecesOf(builder, of, 0);
    assert.equal((await answerOf(second!)).code, "OBJECT_CHUNK", "the first part is missing");
    assert.equal((await answerOf(question("state", of))).firstMissing, 0);
  });

  test("nobody but a hub asks", async () => {
    const { builder, answerOf, put } = rig();
    const of = object(builder);
    put(of);
    const other = builder.validators[1]!;
    assert.equal((await answerOf(keepOf(of), other)).code, "SENDER_ROLE");
    assert.equal((await answerOf(question("read", of), builder.devices[0]!)).code, "SENDER_ROLE");
  });

  test("what was erased is overwritten before anything is served, and a signed receipt goes to the chain", async () => {
    const { builder, bus, answerOf, put, heard } = rig();
    const mark = Buffer.from("a sentence that must not be found in any file");
    const of = packed(builder, builder.operator, Buffer.concat([mark, bytes]), {
      chunkBytes: CHUNK_BYTES,
    });
    put(of);
    await answerOf(keepOf(of));
    for (const index of [0, 1, 2]) {
      for (const piece of piecesOf(builder, of, index)) await answerOf(piece);
    }
    // A month away: it does not know of the erasure, and says nothing until it has caught up.
    holder!.isOpen = false;
    const { root } = of.manifest;
    builder.add(erasureVotes(builder, root));
    const before = heard.length;
    bus.publish(topics.copies("test", holder!.key.id, builder.hub.id), question("read", of));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(heard.length, before);
    holder!.chain.follow();
    holder!.isOpen = true;
    assert.equal((await answerOf(question("read", of))).code, "OBJECT_ERASED");
    const folder = dirname(holder!.file);
    for (const name of readdirSync(folder)) {
      assert.equal(readFileSync(join(folder, name)).includes(mark), false, name);
    }
    const receipts = holder!.submitted.map((one) => decodeTransaction(builder.chain.suite, one));
    assert.equal(receipts[0]?.kind, kind.erasureReceipt);
    builder.add([holder!.submitted[0]!]);
    holder!.chain.follow();
  });

  test("it lets go of what the rule gives to others, and of nothing else", async () => {
    const { builder, answerOf, put } = rig();
    const of = object(builder);
    put(of);
    await answerOf(keepOf(of));
    // Nobody has declared to keep copies, so it is nobody's.
    assert.equal((await answerOf(question("drop", of))).code, "");
    await answerOf(keepOf(of));
    await holder!.service.look();
    builder.add([holder!.submitted.at(-1)!]);
    holder!.chain.follow();
    assert.equal((await answerOf(question("drop", of))).code, "COPY_PLACED");
  });

  test("its answers are of the message types that a hub expects", async () => {
    const { builder, ask, put } = rig();
    const of = object(builder);
    put(of);
    assert.equal(peekMessageType(await ask(keepOf(of))), messageType.copyAnswer);
  });
});
