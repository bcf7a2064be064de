import { convert } from "@gridledger/protocol/objects/conversions/convert";
import { decodeText, encodings } from "@gridledger/protocol/objects/conversions/encodings";
import {
  decodeErasureReceipt,
  encodeErasureReceipt,
} from "@gridledger/protocol/objects/erasure-receipt";
import {
  type Conversion,
  decodeManifest,
  encodeManifest,
  type ObjectManifest,
} from "@gridledger/protocol/objects/manifest";
import {
  decodeObjectReceipt,
  encodeObjectReceipt,
  verifyObjectReceipt,
} from "@gridledger/protocol/objects/object-receipt";
import {
  decodeSpoolReceipt,
  encodeSpoolReceipt,
  readSpoolReceipt,
} from "@gridledger/protocol/objects/spool-receipt";
import { recode } from "./cbor-tree.ts";
import { blockHash } from "./chain-samples.ts";
import { chainId, fixedSigner, suite } from "./fixed-signer.ts";
import type { Target } from "./fuzz.ts";

/** Made once: a multiplication on the curve for each input would take most of the time. */
const signerKey = fixedSigner(6).publicKey;

const manifest: ObjectManifest = {
  root: blockHash,
  sizeBytes: 3_000,
  chunkBytes: 1_024,
  name: "tariff.csv",
  mediaType: "text/csv",
  conversion: "csv",
  saltPolicy: "per-chunk",
  classification: "internal",
  retentionDays: 3_650,
};

/** One content has one form: what was converted stays as it is. */
function conversion(rule: Exclude<Conversion, "bytes" | "rows">, sample: string): Target {
  return {
    covers: [],
    samples: [Buffer.from(sample)],
    run: (bytes) => {
      const once = convert(rule, bytes);
      const twice = convert(rule, once);
      if (Buffer.compare(once, twice) !== 0) throw new Error("another form the second time");
      return undefined;
    },
  };
}

/** Data objects: what the chain keeps of them, and what people hand in. */
export const objectTargets: Readonly<Record<string, Target>> = {
  manifest: {
    covers: ["protocol/src/objects/manifest#decodeManifest"],
    samples: [encodeManifest(manifest)],
    run: (bytes) => encodeManifest(decodeManifest(bytes)),
  },
  erasureReceipt: {
    covers: ["protocol/src/objects/erasure-receipt#decodeErasureReceipt"],
    samples: [encodeErasureReceipt({ root: blockHash })],
    run: (bytes) => encodeErasureReceipt(decodeErasureReceipt(bytes)),
  },
  objectReceipt: {
    covers: ["protocol/src/objects/object-receipt#decodeObjectReceipt"],
    samples: [
      encodeObjectReceipt(suite, fixedSigner(6), chainId, {
        ...{ root: blockHash, txHash: blockHash, sizeBytes: 3_000, receivedMs: 9 },
      }),
    ],
    run: (bytes) => {
      verifyObjectReceipt(suite, signerKey, chainId, decodeObjectReceipt(bytes));
      return recode(bytes);
    },
  },
  spoolReceipt: {
    covers: ["decodeSpoolReceipt", "readSpoolReceipt"].map(
      (name) => `protocol/src/objects/spool-receipt#${name}`,
    ),
    samples: [
      encodeSpoolReceipt(
        suite,
        fixedSigner(6),
        chainId,
        { manifest, spooledMs: 9 },
        blockHash.subarray(0, 10),
      ),
    ],
    run: (bytes) => {
      readSpoolReceipt(decodeSpoolReceipt(bytes));
      return recode(bytes);
    },
  },
  encodedText: {
    covers: ["protocol/src/objects/conversions/encodings#decodeText"],
    samples: [0, 1, 2, 3].map((which) => Buffer.of(which, 0x41, 0x4e, 0x31, 0x4e)),
    // The first byte names the encoding.
    run: ([which = 0, ...bytes]) => {
      decodeText(Uint8Array.from(bytes), encodings[which]);
      return undefined;
    },
  },
  json: conversion("json", '{"b":[1.5,{"a":"\\u00e9"}],"a":null}'),
  csv: conversion("csv", 'time,"a ""b"""\r\n1,"x,y"\r\n'),
  rows: {
    covers: [],
    samples: [
      Buffer.from(
        '{"columns":[{"name":"a","type":"decimal"},{"name":"t","type":"time"}],"rows":[["01.50","2026-01-01T08:00:00+08:00"]]}',
      ),
    ],
    run: (bytes) => {
      convert("rows", bytes);
      return undefined;
    },
  },
};
