import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { CborReader } from "@gridledger/protocol/cbor/reader";
import { Fault } from "@gridledger/protocol/faults";
import { Fuzzer, type Target } from "./fuzz.ts";
import { noDecoders, targets } from "./targets.ts";

const EXECUTIONS = 2_000;
const root = fileURLToPath(new URL("../../", import.meta.url));
const rooms = [
  "protocol/src",
  "firmware-bridge/src/frames",
  "edge-node/src/consensus",
  "edge-node/src/store",
];
const decoder = /^export (?:async )?function ((?:decode|read|parse|open)[A-Z]\w*)/gm;

function decodersIn(room: string): string[] {
  return readdirSync(`${root}${room}`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => {
      const source = readFileSync(`${root}${room}/${path}`, "utf8");
      const file = `${room}/${path.replace(/\.ts$/, "")}`;
      return [...source.matchAll(decoder)].map(([, name]) => `${file}#${name}`);
    });
}

const covered = Object.values(targets).flatMap(({ covers }) => covers);

describe("the decoders", () => {
  it("are all fuzzed, or it is said why not", () => {
    const known = new Set([...covered, ...Object.keys(noDecoders)]);
    const missing = rooms.flatMap(decodersIn).filter((name) => !known.has(name));
    assert.deepEqual(missing, [], "give it a target in test/fuzz, or a reason in noDecoders");
  });

  it("are fuzzed under names that exist", () => {
    const existing = new Set(rooms.flatMap(decodersIn));
    const stale = [...covered, ...Object.keys(noDecoders)].filter((name) => !existing.has(name));
    assert.deepEqual(stale, []);
  });

  for (const [name, target] of Object.entries(targets)) {
    it(`${name}: answers with a value or a fault, quickly, and one value has one encoding`, () => {
      const { problems, accepted } = new Fuzzer(target, 1).run(EXECUTIONS);
      assert.deepEqual(problems, []);
      assert.ok(accepted >= target.samples.length);
    });
  }
});

describe("the fuzzer", () => {
  const sample = Uint8Array.of(0x82, 0x01, 0x41, 0x07);
  const problemsOf = (run: Target["run"]) =>
    new Fuzzer({ covers: [], samples: [sample], run }, 7).run(3_000).problems;

  it("sees a crash, and shows the bytes", () => {
    const [problem] = problemsOf((bytes) => {
      if (bytes.length > 6) throw new RangeError("Invalid array length");
      return undefined;
    });
    assert.equal(problem?.what, "crash");
    assert.ok(problem.input.length > 12);
  });

  it("sees a second encoding of one value", () => {
    const problems = problemsOf((bytes) => {
      if ((bytes[0] ?? 0) >> 5 !== 4) throw new Fault("CBOR_SHAPE");
      return sample;
    });
    assert.equal(problems[0]?.what, "not canonical");
  });

  it("sees memory taken for a length that lies", () => {
    const kept: Uint8Array[] = [];
    const problems = problemsOf((bytes) => {
      if (bytes.includes(0x5a)) kept.push(new Uint8Array(50_000_000));
      return undefined;
    });
    assert.ok(kept.length > 0);
    assert.equal(problems[0]?.what, "memory");
  });

  it("sees an input that takes long", () => {
    let slow = 0;
    const problems = problemsOf((bytes) => {
      if (bytes.length !== 3 || slow > 40) return undefined;
      slow++;
      // The processor's time, as the fuzzer measures it: on a busy machine the clock tells less.
      const from = process.cpuUsage();
      while (process.cpuUsage(from).user < 120_000);
      return undefined;
    });
    assert.equal(problems[0]?.what, "slow");
  });

  it("gives the same bytes for the same seed", () => {
    const runs = [1, 2].map(() => {
      const seen: string[] = [];
      const run = (bytes: Uint8Array) => {
        seen.push(Buffer.from(bytes).toString("hex"));
        new CborReader(bytes).raw("item");
        return undefined;
      };
      new Fuzzer({ covers: [], samples: [sample], run }, 3).run(500);
      // A slow machine has single inputs timed again.
      return seen.filter((input, i) => input !== seen[i - 1]);
    });
    assert.deepEqual(runs[0], runs[1]);
  });
});
