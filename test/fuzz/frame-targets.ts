import { readdirSync, readFileSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import { addressAnswer, dataAnswer } from "../../firmware-bridge/src/frames/dlt645/answers.ts";
import { decodeData } from "../../firmware-bridge/src/frames/dlt645/data.ts";
import { decodeDi } from "../../firmware-bridge/src/frames/dlt645/data-identifier.ts";
import { decodeFrame, encodeFrame } from "../../firmware-bridge/src/frames/dlt645/frame.ts";
import { FrameSplitter } from "../../firmware-bridge/src/frames/dlt645/frame-splitter.ts";
import { readoutsOf } from "../../firmware-bridge/src/frames/dsmr/readouts.ts";
import { parseTelegram } from "../../firmware-bridge/src/frames/dsmr/telegram.ts";
import { TelegramSplitter } from "../../firmware-bridge/src/frames/dsmr/telegram-splitter.ts";
import { capturedFrames, captureFolder, frameBytes } from "../firmware-bridge/captures.ts";
import type { Target } from "./fuzz.ts";

const frames = capturedFrames.map(frameBytes).filter(isFrame);
const telegrams = readdirSync(new URL("dsmr/", captureFolder))
  .filter((name) => name.endsWith(".txt"))
  .sort()
  .map((name) => readFileSync(new URL(`dsmr/${name}`, captureFolder)))
  .filter(isTelegram);

function isFrame(bytes: Uint8Array): boolean {
  try {
    return decodeFrame(bytes) !== undefined;
  } catch {
    return false;
  }
}

function isTelegram(bytes: Uint8Array): boolean {
  try {
    return parseTelegram(bytes) !== undefined;
  } catch {
    return false;
  }
}

const dlt645 = (file: string, name: string) => `firmware-bridge/src/frames/dlt645/${file}#${name}`;
const dsmr = (file: string, name: string) => `firmware-bridge/src/frames/dsmr/${file}#${name}`;

/** Gives one chunk after the other, of sizes that the bytes decide. */
function inChunks(bytes: Uint8Array, push: (chunk: Uint8Array) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + ((bytes[at] ?? 0) & 63);
    push(bytes.subarray(at, at + size));
    at += size;
  }
}

export const frameTargets: Readonly<Record<string, Target>> = {
  dlt645Frame: {
    covers: [dlt645("frame", "decodeFrame")],
    samples: frames,
    run: (bytes) => encodeFrame(decodeFrame(bytes)),
  },
  dlt645Data: {
    covers: [
      dlt645("data", "decodeData"),
      dlt645("data-identifier", "decodeDi"),
      dlt645("bcd", "decodeBcd"),
    ],
    samples: frames.map((bytes) => decodeFrame(bytes).data).filter(isData),
    run: (bytes) => {
      const di = decodeDi(bytes);
      if (di === null) throw new Fault("DLT645_DATA", "no identifier");
      decodeData(di, bytes.subarray(4));
      return undefined;
    },
  },
  dlt645Stream: {
    covers: [],
    samples: [Buffer.concat(frames.slice(0, 6)), ...frames],
    run: (bytes) => {
      const splitter = new FrameSplitter();
      inChunks(bytes, (chunk) => {
        for (const found of splitter.push(chunk)) {
          if (!(found instanceof Fault)) answer(found);
        }
      });
      return undefined;
    },
  },
  dsmrTelegram: {
    covers: [
      dsmr("telegram", "parseTelegram"),
      dsmr("quantity", "parseQuantity"),
      dsmr("quantity", "parseRatio"),
      dsmr("quantity", "parseCount"),
      dsmr("timestamp", "parseTimestamp"),
    ],
    samples: telegrams,
    run: (bytes) => {
      readoutsOf(parseTelegram(bytes), { receivedMs: 1_790_000_000_000, winterOffsetMinutes: 60 });
      return undefined;
    },
  },
  dsmrStream: {
    covers: [],
    samples: [Buffer.concat(telegrams.slice(0, 2)), ...telegrams],
    run: (bytes) => {
      const splitter = new TelegramSplitter();
      inChunks(bytes, (chunk) => {
        splitter.push(chunk);
      });
      splitter.end();
      return undefined;
    },
  },
};

function isData(data: Uint8Array): boolean {
  try {
    return decodeData(decodeDi(data) ?? 0, data.subarray(4)).length > 0;
  } catch {
    return false;
  }
}

/** Whatever a frame says, taking its answer apart ends in a value or a fault. */
function answer(frame: ReturnType<typeof decodeFrame>): void {
  for (const take of [() => addressAnswer(frame), () => dataAnswer(frame, 0, 0)]) {
    try {
      take();
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
    }
  }
}
