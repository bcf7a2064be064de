import { decodeGroup, encodeGroup } from "../../edge-node/src/consensus/poa/wal-records.ts";
import type { WalRecord } from "../../edge-node/src/consensus/ports.ts";
import {
  decodeBlobs,
  decodeWrites,
  encodeBlobs,
  encodeWrites,
} from "../../edge-node/src/store/state-blobs.ts";
import { encodeFrame, encodeSegmentHead } from "../../edge-node/src/store/wal-frames.ts";
import { readWal } from "../../edge-node/src/store/wal-reader.ts";
import { recode } from "./cbor-tree.ts";
import { blockHash, encodedHeader, header, seal, transaction, txHashes } from "./chain-samples.ts";
import type { Target } from "./fuzz.ts";

const block = { header, encodedHeader, blockHash, txHashes };
const records: readonly WalRecord[] = [
  { kind: "amnesia", state: "over" },
  { kind: "block", height: 1, block },
  {
    ...{ kind: "signed", height: 1, round: 0, step: 2, digest: blockHash },
    ...{ signature: new Uint8Array(64), message: new Uint8Array(40) },
  },
  { kind: "prepared", height: 1, blockHash, certificate: seal },
  { kind: "decided", height: 1, blockHash, seal },
];
const group = encodeGroup(records, () => [transaction, transaction]);
const salt = new Uint8Array(8).fill(4);
const segment = Buffer.concat([
  encodeSegmentHead(salt),
  encodeFrame(salt, group),
  encodeFrame(
    salt,
    encodeGroup([{ kind: "amnesia", state: "new" }], () => []),
  ),
]);

/** What a node reads from its own disk after a power cut. */
export const storeTargets: Readonly<Record<string, Target>> = {
  walGroup: {
    covers: ["edge-node/src/consensus/poa/wal-records#decodeGroup"],
    samples: [group],
    run: (bytes) => {
      decodeGroup(bytes);
      return recode(bytes);
    },
  },
  walSegments: {
    covers: [
      "edge-node/src/store/wal-frames#readSegment",
      "edge-node/src/store/wal-reader#readWal",
    ],
    samples: [segment],
    run: (bytes) => {
      readWal([bytes]);
      return undefined;
    },
  },
  blobs: {
    covers: ["edge-node/src/store/state-blobs#decodeBlobs"],
    samples: [encodeBlobs([transaction, salt])],
    run: (bytes) => encodeBlobs(decodeBlobs(bytes)),
  },
  stateWrites: {
    covers: ["edge-node/src/store/state-blobs#decodeWrites"],
    samples: [encodeWrites([{ key: Buffer.from("i/x"), value: Buffer.from(encodedHeader) }])],
    run: (bytes) => encodeWrites(decodeWrites(bytes)),
  },
};
