import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { addressAnswer, dataAnswer } from "../../firmware-bridge/src/frames/dlt645/answers.ts";
import { type Dlt645Value, decodeData } from "../../firmware-bridge/src/frames/dlt645/data.ts";
import { decodeDi } from "../../firmware-bridge/src/frames/dlt645/data-identifier.ts";
import {
  controlFunction,
  type Dlt645Frame,
} from "../../firmware-bridge/src/frames/dlt645/frame.ts";
import { FrameSplitter } from "../../firmware-bridge/src/frames/dlt645/frame-splitter.ts";
import { capturePath, frameBytes } from "./captures.ts";

interface Capture {
  readonly hex: string;
  readonly origin: string;
  readonly expect: string;
}

const captures: readonly Capture[] = JSON.parse(
  readFileSync(capturePath("dlt645/more-frames.json"), "utf8"),
).frames;

/** What the bytes say, as a person writes it down. */
function told(found: Dlt645Frame | Fault | undefined): string {
  if (found === undefined) return "nothing";
  try {
    if (found instanceof Fault) throw found;
    if (found.function === controlFunction.readAddress) return `address ${addressAnswer(found)}`;
    if (found.function !== controlFunction.readData) return "ack";
    const di = decodeDi(found.data) ?? 0;
    return decodeData(di, dataAnswer(found, di, 0)?.bytes ?? new Uint8Array(0))
      .map(toldValue)
      .join(", ");
  } catch (thrown) {
    return asFault(thrown).code;
  }
}

function toldValue(value: Dlt645Value): string {
  if (value.kind === "text") return value.text;
  if (value.kind === "number") {
    return value.value === null ? "null" : `${value.value}e${value.scaler} ${value.unit}`;
  }
  return Object.entries(value.parts ?? {})
    .map(([part, number]) => `${part} ${number}`)
    .join(" ");
}

describe("DL/T 645 frames from public sources", () => {
  for (const { hex, origin, expect } of captures) {
    it(`${hex.slice(0, 60)} says ${expect} (${origin})`, () => {
      assert.equal(told(new FrameSplitter().push(frameBytes({ hex }))[0]), expect);
    });
  }

  it("all of them in one stream, byte by byte, are the same frames", () => {
    const whole = captures.filter(({ expect }) => expect !== "nothing");
    const splitter = new FrameSplitter();
    const stream = Buffer.concat(whole.map((capture) => frameBytes(capture)));
    const found = [...stream].flatMap((byte) => splitter.push(Uint8Array.of(byte)));
    assert.deepEqual(
      found.map(told),
      whole.map(({ expect }) => expect),
    );
  });
});
