import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { correctedDays, correctionHeads } from "@gridledger/protocol/ledger/corrected-values";
import { decodeOriginal, encodeOriginal } from "@gridledger/protocol/ledger/original";
import {
  decodeContent,
  decodeCorrection,
  encodeContent,
  encodeCorrection,
} from "@gridledger/protocol/metering/correction";
import { readStanding, writeStanding } from "@gridledger/protocol/metering/value-status";
import * as chainOf from "./chain-samples.ts";
import type { Target } from "./fuzz.ts";

const [timeMs, later] = [1_700_000_000_000, 1_700_000_900_000];
const register = { obis: "1-0:1.8.0", unit: "Wh", scaler: 0 };
const original = encodeOriginal({
  ...{ encodedHeader: chainOf.encodedHeader, seal: chainOf.seal, index: 0, path: chainOf.path },
  ...{ transaction: chainOf.transaction, handovers: [chainOf.handover] },
});
const content = encodeContent({
  ...{ meter: "000123456789", number: 1, previousHash: new Uint8Array(32), sequence: 1 },
  ...{ reason: "meter-fault", words: "the display said 1 100", original },
  registers: [
    {
      ...register,
      values: [
        {
          timeMs,
          old: { status: "original", value: 1_000 },
          fresh: { status: "corrected", value: 900 },
        },
        {
          timeMs: later,
          old: { status: "original", value: null },
          fresh: { status: "void", value: null },
        },
      ],
    },
  ],
});

const metering = (file: string, name: string): string => `protocol/src/metering/${file}#${name}`;

/** Corrections of readings, and what the state keeps of them. */
export const correctionTargets: Readonly<Record<string, Target>> = {
  correction: {
    covers: [metering("correction", "decodeCorrection"), metering("correction", "decodeContent")],
    samples: [undefined, chainOf.blockHash].map((agreement) =>
      encodeCorrection({ encodedContent: content, agreement }),
    ),
    run: (bytes) => {
      const { content: read, agreement } = decodeCorrection(bytes);
      return encodeCorrection({ encodedContent: encodeContent(read), agreement });
    },
  },
  correctionContent: {
    covers: [],
    samples: [content],
    run: (bytes) => encodeContent(decodeContent(bytes)),
  },
  standingValue: {
    covers: [metering("value-status", "readStanding")],
    samples: [writeStanding(new CborWriter(), { status: "estimated", value: -7 }).finish()],
    run: (bytes) => {
      const reader = new CborReader(bytes);
      const standing = readStanding(reader, "value");
      reader.end();
      return writeStanding(new CborWriter(), standing).finish();
    },
  },
  original: {
    covers: ["protocol/src/ledger/original#decodeOriginal"],
    samples: [original],
    run: (bytes) => encodeOriginal(decodeOriginal(bytes)),
  },
  correctionHead: {
    covers: [],
    samples: [
      correctionHeads.encode({
        ...{ number: 3, contentHash: chainOf.blockHash },
        days: [{ day: 20_000, values: 2 }],
      }),
    ],
    run: (bytes) => correctionHeads.encode(correctionHeads.decode(bytes)),
  },
  correctedDay: {
    covers: [],
    samples: [
      correctedDays.encode([
        { ...register, timeMs, status: "estimated", value: 5, number: 3, isOwn: true },
      ]),
    ],
    run: (bytes) => correctedDays.encode(correctedDays.decode(bytes)),
  },
};
