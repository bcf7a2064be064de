import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { encodeHeader, plainHeader } from "@gridledger/protocol/ledger/header";
import fc from "fast-check";
import type { WalRecord } from "../../edge-node/src/consensus/ports.ts";
import { WalFile } from "../../edge-node/src/store/wal-file.ts";
import {
  crc32c,
  encodeFrame,
  encodeSegmentHead,
  readSegment,
} from "../../edge-node/src/store/wal-frames.ts";
import { readWal } from "../../edge-node/src/store/wal-reader.ts";

const salt = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const payloads = [Uint8Array.of(1), Uint8Array.of(2, 2), new Uint8Array(300).fill(3)];

function segment(...contents: Uint8Array[]): Uint8Array {
  return Buffer.concat([
    encodeSegmentHead(salt),
    ...contents.map((each) => encodeFrame(salt, each)),
  ]);
}

function signed(height: number, round = 0): WalRecord {
  const digest = new Uint8Array(32).fill(round);
  const signature = new Uint8Array(64).fill(height);
  return { kind: "signed", height, round, step: 2, digest, signature, message: new Uint8Array() };
}

async function openOnce(home: string) {
  const wal = new WalFile(home);
  const read = await wal.open();
  await wal.close();
  return read;
}

const noBodies = () => [];

describe("the log's framing", () => {
  it("has the checksum of RFC 3720 §B.4", () => {
    assert.equal(crc32c(new Uint8Array(32)), 0x8a91_36aa);
    assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8_ab43);
    assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd_794e);
    assert.equal(crc32c(Buffer.from("123456789")), 0xe306_9283);
  });

  it("reads back what was written", () => {
    const read = readSegment(segment(...payloads))!;
    assert.equal(read.tail, "clean");
    assert.deepEqual(
      read.payloads.map((each) => [...each]),
      payloads.map((each) => [...each]),
    );
  });

  it("cuts a tail torn at any byte back to the last whole frame", () => {
    const whole = segment(...payloads);
    const ends = [16, 16 + 9, 16 + 9 + 10, whole.length];
    for (let length = 16; length < whole.length; length++) {
      const read = readSegment(whole.subarray(0, length))!;
      const end = ends.findLast((at) => at <= length)!;
      assert.equal(read.goodBytes, end);
      assert.equal(read.tail, end === length ? "clean" : "torn");
    }
  });

  it("calls any flipped bit before the last frame damage", () => {
    const whole = segment(...payloads);
    for (let at = 16; at < 16 + 9 + 10; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Uint8Array.from(whole);
        flipped[at]! ^= 1 << bit;
        assert.equal(readSegment(flipped)!.tail, "damaged", `byte ${at}, bit ${bit}`);
      }
    }
  });

  it("takes a frame inside a transaction for what it is", () => {
    const planted = Buffer.concat([
      new Uint8Array(40),
      encodeFrame(new Uint8Array(8), payloads[0]!),
    ]);
    const whole = segment(payloads[0]!, planted);
    assert.equal(readSegment(whole.subarray(0, whole.length - 1))!.tail, "torn");
  });

  it("never throws on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => {
        readSegment(garbage);
        readWal([garbage]);
        readWal([Buffer.concat([encodeSegmentHead(salt), garbage])]);
        readWal([segment(garbage), garbage]);
      }),
      { numRuns: 500 },
    );
  });

  it("calls a torn segment that is not the newest damage", () => {
    const torn = segment(...payloads).subarray(0, 40);
    assert.equal(readWal([torn, segment()]).wal, "damaged");
    assert.equal(readWal([]).wal, "missing");
  });
});

describe("the log's files", () => {
  let folder: string;
  let number = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "wal-"));
  });
  after(() => rm(folder, { recursive: true }));
  const fresh = () => join(folder, String(number++));
  const filesIn = async (home: string) => (await readdir(join(home, "consensus"))).sort();

  /** A log of three records with a bit flipped in the first. */
  async function damaged(): Promise<string> {
    const home = fresh();
    const path = join(home, "consensus", "wal-00000001");
    const first = new WalFile(home);
    await first.open();
    for (let height = 1; height < 4; height++) await first.append([signed(height)], noBodies);
    await first.close();
    const content = await readFile(path);
    content[30]! ^= 4;
    await writeFile(path, content);
    return home;
  }

  it("are missing at first, then hold what was appended", async () => {
    const home = fresh();
    const first = new WalFile(home);
    assert.equal((await first.open()).wal, "missing");
    await first.append([signed(1), signed(1, 1)], noBodies);
    await first.append([signed(2)], noBodies);
    await first.close();
    const second = new WalFile(home);
    const { wal, records } = await second.open();
    assert.equal(wal, "intact");
    assert.deepEqual(
      records.map((record) => record.kind),
      ["signed", "signed", "signed"],
    );
    await second.close();
  });

  it("keep the bodies beside a block", async () => {
    const home = fresh();
    const header = {
      height: 1,
      timeMs: 1,
      parentHash: new Uint8Array(32),
      txRoot: new Uint8Array(32),
      stateRoot: new Uint8Array(32),
      validatorsHash: new Uint8Array(32),
      nextValidatorsHash: new Uint8Array(32),
      proposer: 0,
      round: 0,
      txCount: 1,
      ...plainHeader,
    };
    const blockHash = new Uint8Array(32).fill(5);
    const block = { header, encodedHeader: encodeHeader(header), blockHash, txHashes: [blockHash] };
    const wal = new WalFile(home);
    await wal.open();
    await wal.append([{ kind: "block", height: 1, block }], () => [Uint8Array.of(9, 9)]);
    await wal.close();
    const { records, bodies } = await openOnce(home);
    assert.deepEqual(
      bodies.map((body) => [...body]),
      [[9, 9]],
    );
    const [record] = records;
    assert.ok(record?.kind === "block");
    assert.deepEqual(encodeHeader(record.block.header), encodeHeader(header));
  });

  it("lose a torn tail and go on behind the cut", async () => {
    const home = fresh();
    const path = join(home, "consensus", "wal-00000001");
    const first = new WalFile(home);
    await first.open();
    await first.append([signed(1)], noBodies);
    await first.append([signed(2)], noBodies);
    await first.close();
    await truncate(path, (await readFile(path)).length - 3);
    const second = new WalFile(home);
    const read = await second.open();
    assert.equal(read.wal, "intact");
    assert.equal(read.records.length, 1);
    await second.append([signed(3)], noBodies);
    await second.close();
    const third = await openOnce(home);
    assert.equal(third.wal, "intact");
    assert.deepEqual(
      third.records.map((record) => (record.kind === "amnesia" ? 0 : record.height)),
      [3],
    );
  });

  it("are set aside when they are damaged, and a new log begins", async () => {
    const home = await damaged();
    const second = new WalFile(home);
    assert.equal((await second.open()).wal, "damaged");
    await second.append([{ kind: "amnesia", state: "active" }], noBodies);
    await second.close();
    assert.deepEqual(await filesIn(home), ["wal-00000001.damaged", "wal-00000002"]);
    const third = await openOnce(home);
    assert.deepEqual(third.records, [{ kind: "amnesia", state: "active" }]);
  });

  it("are missing, not intact, when the power goes before the new log has a record", async () => {
    const home = await damaged();
    assert.equal((await openOnce(home)).wal, "damaged");
    assert.equal((await openOnce(home)).wal, "missing");
    assert.deepEqual(await filesIn(home), ["wal-00000001.damaged", "wal-00000002"]);
  });

  it("rotate at a checkpoint when full, and always hold the last two heights", async () => {
    const home = fresh();
    const wal = new WalFile(home, { segmentBytes: 400 });
    await wal.open();
    for (let height = 1; height <= 30; height++) {
      await wal.append([signed(height), signed(height, 1)], noBodies);
      await wal.checkpoint([signed(height, 1)], noBodies);
      assert.ok((await filesIn(home)).length <= 2);
      const { records } = readWal(
        await Promise.all(
          (await filesIn(home)).map((name) => readFile(join(home, "consensus", name))),
        ),
      );
      const heights = new Set(
        records.map((record) => (record.kind === "amnesia" ? 0 : record.height)),
      );
      assert.deepEqual(
        [...heights].sort((a, b) => a - b),
        height === 1 ? [1] : [height - 1, height],
      );
    }
    await wal.close();
  });

  it("take nothing more after a write that failed", async () => {
    const wal = new WalFile(fresh());
    await wal.open();
    const broken = () => {
      throw new Error("no bodies");
    };
    const { encodedHeader, ...rest } = {
      encodedHeader: new Uint8Array(),
      blockHash: new Uint8Array(32),
    };
    const block = { header: {} as never, encodedHeader, txHashes: [], ...rest };
    await assert.rejects(wal.append([{ kind: "block", height: 1, block }], broken));
    await assert.rejects(wal.append([signed(1)], noBodies), { code: "STORE_CORRUPT" });
    await wal.close();
  });
});
