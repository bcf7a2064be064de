import assert from "node:assert/strict";
import { test } from "node:test";
import { international as suite } from "@gridledger/protocol/crypto/international";
import { Fault } from "@gridledger/protocol/faults";
import { decodeBlock } from "@gridledger/protocol/ledger/block";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { decodeHeader } from "@gridledger/protocol/ledger/header";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { verifyArchive } from "@gridledger/protocol/messages/archive";
import { decodeBlocks, encodeBlocks } from "@gridledger/protocol/messages/blocks";
import {
  encodeConnectToken,
  verifyConnectToken,
} from "@gridledger/protocol/messages/connect-token";
import { decodeDecide, encodeDecide } from "@gridledger/protocol/messages/decide";
import { decodeGetBlocks, encodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import {
  decodeGetTransactions,
  encodeGetTransactions,
} from "@gridledger/protocol/messages/get-transactions";
import { decodeReceipt, encodeReceipt } from "@gridledger/protocol/messages/receipt";
import { decodeRefusal, encodeRefusal } from "@gridledger/protocol/messages/refusal";
import { encodeStatus, verifyStatus } from "@gridledger/protocol/messages/status";
import { decodeTelemetry, encodeTelemetry } from "@gridledger/protocol/messages/telemetry";
import { decodeTransactions, encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { parseTopic, topics } from "@gridledger/protocol/topics";
import fc from "fast-check";

const signer = suite.signer(suite.generateKey());
const chainId = suite.hash(Buffer.from("genesis"));
const hash = (text: string) => suite.hash(Buffer.from(text));
const seal = { round: 3, signatures: [{ signer: 1, signature: Buffer.alloc(64, 7) }] };
const encodedHeader = Buffer.from("header");

const telemetry = {
  ...{ rssBytes: 60e6, cpuMicros: 5, poolSize: 1, diskBytes: 9, bytesIn: 7, bytesOut: 8 },
  ...{ startedMs: 1_790_000_000_000, diskFreeBytes: 1e12, maxDiskBytes: 2e9, firstHeight: 1 },
  ...{ syncFaults: 3, warning: "ARCHIVE_MISSING" as const },
  rejections: [["SIGNATURE_INVALID", 2]] as const,
};

const samples: Readonly<Record<string, readonly [Uint8Array, (bytes: Uint8Array) => unknown]>> = {
  transactions: [encodeTransactions([Buffer.from("a"), Buffer.from("bc")]), decodeTransactions],
  decide: [encodeDecide({ encodedHeader, seal, txHashes: [hash("a")] }), decodeDecide],
  getBlocks: [encodeGetBlocks({ fromHeight: 70_000, maxBlocks: 64 }), decodeGetBlocks],
  blocks: [encodeBlocks({ headHeight: 9, more: true, blocks: [Buffer.from("b")] }), decodeBlocks],
  getTransactions: [encodeGetTransactions([hash("a"), hash("b")]), decodeGetTransactions],
  receipt: [
    encodeReceipt({
      encodedHeader,
      seal,
      entries: [{ txHash: hash("a"), index: 2, path: [hash("b")] }],
    }),
    decodeReceipt,
  ],
  refusal: [
    encodeRefusal({ txHash: hash("a"), code: "METER_OWNED", detail: "m1", headHeight: 5 }),
    decodeRefusal,
  ],
  telemetry: [encodeTelemetry({ ...telemetry, alarm: "SIGNING_SUSPENDED" }), decodeTelemetry],
};

const doors: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  ...Object.fromEntries(Object.entries(samples).map(([name, [, decode]]) => [name, decode])),
  archive: (bytes) => verifyArchive(suite, signer.publicKey, chainId, bytes),
  status: (bytes) => verifyStatus(suite, signer.publicKey, chainId, bytes),
  transaction: (bytes) => decodeTransaction(suite, bytes),
  block: decodeBlock,
  header: decodeHeader,
  genesis: decodeGenesis,
};

test("every message is read back by its own decoder and refused by every other", () => {
  for (const [name, [encoded]] of Object.entries(samples)) {
    for (const [door, decode] of Object.entries(doors)) {
      if (door === name) decode(encoded);
      else assert.throws(() => decode(encoded), Fault, `${name} at the door of ${door}`);
    }
  }
});

test("property: no decoder answers anything but a value or a coded fault, whatever the bytes", () => {
  const any = fc.uint8Array({ maxLength: 80 });
  const mutated = fc
    .tuple(
      fc.constantFrom(...Object.values(samples).map(([encoded]) => encoded)),
      fc.nat(),
      fc.nat(255),
    )
    .map(([encoded, at, value]) => {
      const bytes = Uint8Array.from(encoded);
      bytes[at % bytes.length] = value;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(any, mutated), (bytes) => {
      for (const [door, decode] of Object.entries(doors)) {
        try {
          decode(bytes);
        } catch (thrown) {
          assert.ok(thrown instanceof Fault, `${door}: ${thrown}`);
        }
      }
    }),
    { numRuns: 5_000 },
  );
});

test("a message cut at any byte is refused", () => {
  for (const [encoded, decode] of Object.values(samples)) {
    for (let length = 0; length < encoded.length; length++) {
      assert.throws(() => decode(encoded.subarray(0, length)), Fault);
    }
  }
});

test("a receipt with an empty list of handovers is refused: it has one encoding", () => {
  const [encoded] = samples.receipt!;
  const six = Buffer.concat([Buffer.of(0x86), encoded.subarray(1), Buffer.of(0x80)]);
  assert.throws(() => decodeReceipt(six), { code: "CBOR_SHAPE" });
});

test("an answer says what was pruned and who has it, and then holds no block", () => {
  const nothing = { headHeight: 9, more: false, blocks: [] };
  for (const archiveId of [undefined, Uint8Array.from(Buffer.alloc(10, 3))]) {
    const answer = { ...nothing, pruned: { firstHeight: 5, archiveId } };
    assert.deepEqual(decodeBlocks(encodeBlocks(answer)), answer);
  }
  const both = {
    ...nothing,
    blocks: [hash("b")],
    pruned: { firstHeight: 5, archiveId: undefined },
  };
  assert.throws(() => decodeBlocks(encodeBlocks(both)), { code: "CBOR_SHAPE" });
});

test("telemetry carries the alarm of a node that signs nothing, and no code that there is not", () => {
  for (const alarm of ["", "SIGNING_SUSPENDED", "KEY_IN_USE_ELSEWHERE"] as const) {
    assert.deepEqual(decodeTelemetry(encodeTelemetry({ ...telemetry, alarm })), {
      ...telemetry,
      alarm,
    });
  }
  const unknown = encodeTelemetry({ ...telemetry, alarm: "toString" as "" });
  assert.throws(() => decodeTelemetry(unknown), { code: "CBOR_SHAPE" });
});

test("a status proves its sender and its chain", () => {
  const status = {
    height: 12,
    headHash: hash("head"),
    round: 0,
    bootId: Buffer.alloc(8, 1),
    poolSize: 3,
    timeMs: 1_790_000_000_000,
  };
  const encoded = encodeStatus(suite, signer, chainId, status);
  const read = verifyStatus(suite, signer.publicKey, chainId, encoded);
  assert.equal(read.height, 12);
  assert.deepEqual(Buffer.from(read.headHash), Buffer.from(status.headHash));
  const other = suite.signer(suite.generateKey());
  assert.throws(() => verifyStatus(suite, other.publicKey, chainId, encoded), /signature/);
  assert.throws(() => verifyStatus(suite, signer.publicKey, hash("other"), encoded), /signature/);
});

test("a connect token proves its sender and cannot pass for anything else that was signed", () => {
  const token = { timeMs: 5, nonce: Buffer.alloc(16, 2) };
  const password = encodeConnectToken(suite, signer, chainId, token);
  assert.equal(verifyConnectToken(suite, signer.publicKey, chainId, password).timeMs, 5);
  const status = {
    height: 0,
    headHash: hash(""),
    round: 0,
    bootId: Buffer.alloc(8),
    poolSize: 0,
    timeMs: 0,
  };
  const notAToken = Buffer.from(encodeStatus(suite, signer, chainId, status)).toString("base64url");
  assert.throws(() => verifyConnectToken(suite, signer.publicKey, chainId, notAToken), Fault);
  assert.throws(() => verifyConnectToken(suite, signer.publicKey, chainId, "not base64 !"), Fault);
});

test("topics are short, carry their publisher, and nothing else passes for one", () => {
  const me = "0123456789abcdef0123";
  const you = "ffffffffffffffffffff";
  const all = [
    topics.transaction("main", me),
    topics.consensus("main", "v", me),
    topics.status("main", me),
    topics.telemetry("main", me),
    topics.sync("a-channel-name-1", you, me),
    topics.refusal("main", you, me),
    topics.receipt("main", you, me),
  ];
  for (const topic of all) {
    assert.ok(topic.length <= 64, topic);
    assert.equal(parseTopic(topic).publisher, me);
  }
  for (const wrong of [
    "",
    "gl/main/t/+",
    "gl/main/t",
    `gl/main/z/${me}`,
    `gl/MAIN/t/${me}`,
    `$SYS/${me}`,
  ]) {
    assert.throws(() => parseTopic(wrong), Fault, wrong);
  }
});
