import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AuditAnchor, headCommitment } from "@gridledger/protocol/audit/audit-anchor";
import {
  type AuditRecord,
  auditHash,
  FIRST_HASH,
  lineTag,
} from "@gridledger/protocol/audit/audit-record";
import { type SaltedAnchor, verifyLog } from "@gridledger/protocol/audit/verify-log";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import fc from "fast-check";

const { hash } = suiteByName("international");

type Content = Omit<AuditRecord, "sequence" | "hash">;

const content = (name: string, timeMs: number): Content => ({
  ...{ timeMs, category: "user", actor: "ann", action: "user.add", target: name },
  ...{ result: "done", before: null, after: null, detail: "" },
});

/** The whole log as somebody writes it who has the database: every hash is right. */
function written(contents: readonly Content[]): AuditRecord[] {
  let previous = FIRST_HASH;
  return contents.map((one, at) => {
    const record = { ...one, sequence: at + 1 };
    previous = auditHash(hash, previous, record);
    return { ...record, hash: previous };
  });
}

function anchorsOf(records: readonly AuditRecord[], linesEach: number): SaltedAnchor[] {
  const anchors: SaltedAnchor[] = [];
  for (let first = 0; first < records.length; first += linesEach) {
    const lines = records.slice(first, first + linesEach);
    const salt = new Uint8Array(32).fill(anchors.length + 1);
    const anchor: AuditAnchor = {
      firstLine: first + 1,
      tags: Buffer.concat(lines.map((line) => lineTag(hash, salt, line))),
      saltHash: hash(salt),
      head: headCommitment(hash, salt, lines.at(-1)!.hash),
      previousHash: FIRST_HASH,
    };
    anchors.push({ anchor, salt });
  }
  return anchors;
}

const honest = Array.from({ length: 40 }, (_, at) => content(`user-${at + 1}`, 1_000 * at));
const anchors = anchorsOf(written(honest).slice(0, 30), 12);
const findingsOf = (contents: readonly Content[]) =>
  verifyLog(hash, written(contents), anchors).findings;

describe("a log against its anchors", () => {
  it("is right, also with lines that are not anchored yet", () => {
    assert.deepEqual(verifyLog(hash, written(honest), anchors), {
      ...{ lines: 40, anchored: 30, findings: [] },
    });
  });

  it("names each line that was changed, though every hash was computed anew", () => {
    for (const line of [1, 12, 13, 29, 30]) {
      const changed = honest.with(line - 1, content("mallory", 5));
      assert.deepEqual(findingsOf(changed), [{ kind: "changed", line }]);
    }
  });

  it("names a line that was taken out, also across anchors", () => {
    for (const line of [1, 12, 13, 29]) {
      const cut = honest.toSpliced(line - 1, 1);
      assert.deepEqual(findingsOf(cut), [{ kind: "deleted", line }]);
    }
    assert.deepEqual(
      findingsOf(honest.slice(0, 28)).map(({ kind, line }) => `${kind} ${line}`),
      ["deleted 29", "deleted 30"],
    );
  });

  it("names a line that was put in", () => {
    for (const line of [1, 12, 13, 30]) {
      const more = honest.toSpliced(line - 1, 0, content("mallory", 5));
      assert.deepEqual(findingsOf(more), [{ kind: "inserted", line }]);
    }
  });

  it("names both of two lines that changed places, near or far", () => {
    for (const [one, other] of [
      [4, 5],
      [4, 9],
      [4, 27],
    ] as const) {
      const swapped = honest.with(one - 1, honest[other - 1]!).with(other - 1, honest[one - 1]!);
      assert.deepEqual(findingsOf(swapped), [
        { kind: "moved", line: one, now: other },
        { kind: "moved", line: other, now: one },
      ]);
    }
  });

  it("says where the hashes break, and that a salt is not the anchored one", () => {
    const records = written(honest);
    const late = records.with(34, { ...records[34]!, actor: "mallory" });
    assert.deepEqual(verifyLog(hash, late, anchors).findings, [{ kind: "broken", line: 35 }]);
    const wrong = anchors.with(1, { ...anchors[1]!, salt: new Uint8Array(32) });
    assert.deepEqual(verifyLog(hash, records, wrong).findings, [{ kind: "salt", line: 13 }]);
  });

  it("finds something whatever is done to anchored lines", () => {
    const place = fc.integer({ min: 0, max: 29 });
    fc.assert(
      fc.property(place, place, fc.constantFrom("cut", "swap", "copy"), (from, to, what) => {
        const one = honest[from]!;
        const taken = honest.toSpliced(from, 1);
        const done = {
          cut: taken,
          swap: honest.with(from, honest[to]!).with(to, one),
          copy: honest.toSpliced(to, 0, one),
        }[what]!;
        assert.equal(findingsOf(done).length === 0, what === "swap" && from === to);
      }),
    );
  });
});
