import { z } from "zod";
import { MAX_CHUNKS, MAX_RUN_BYTES } from "../objects/manifest.ts";
import { decimal } from "./decimal.ts";
import { base64url, count, hex32, hexBytes, identityHex, page, pageQuery } from "./shapes.ts";

/** A root, the hash of the transaction that put it, or `height.index` of its address. */
const objectName = z.string().regex(/^(?:[0-9a-f]{64}|\d{1,15}\.\d{1,5})$/);
const chunkIndex = decimal(z.number().int().min(0).max(MAX_CHUNKS));

const manifest = z.object({
  root: hex32,
  sizeBytes: count,
  chunkBytes: count,
  chunks: count,
  name: z.string(),
  mediaType: z.string(),
  conversion: z.enum(["bytes", "json", "csv", "rows"]),
  saltPolicy: z.enum(["none", "per-chunk"]),
  classification: z.enum(["public", "internal", "confidential"]),
  /** 0 without an end. */
  retentionDays: count,
});

/** Where it is on the chain, guide §4.4.1 b). */
const address = z.object({
  channel: z.string(),
  height: count,
  txIndex: count,
  chunks: count,
  root: hex32,
});

const state = z.enum(["uploading", "spooled", "refused", "final"]);

const object = manifest.extend({
  /** "uploading": chunks are missing · "spooled": all is on the hub's disk and on its way · "refused" · "final". */
  state,
  owner: identityHex,
  ownerName: z.string().nullable(),
  transaction: hex32,
  address: address.nullable(),
  /** Of the chunks, how many are here. */
  chunksHere: count,
  /** The hub's signed word that it has all of it, before the chain has it. */
  receipt: base64url.nullable(),
  refusal: z.object({ code: z.string(), detail: z.string() }).nullable(),
});

const change = z.object({ root: hex32, height: count, legalBasis: z.string() });

/** Runs of chunk indices, each from the first to the last one. */
const missing = z.array(z.tuple([count, count]));

export const objectsContract = {
  objects: {
    summary: "Data objects on the chain, newest first",
    query: pageQuery.extend({
      owner: identityHex.optional(),
      name: z.string().max(128).optional(),
    }),
    answer: page(object),
  },
  object: {
    summary: "One data object",
    params: z.object({ object: objectName }),
    answer: object.extend({
      missing,
      /** Null while its bytes may be held. */
      erased: z.object({ height: count, legalBasis: z.string() }).nullable(),
      /** What superseded it, the next one first; the last one is the current value. */
      successors: z.array(change),
      /** What it superseded itself. */
      predecessors: z.array(change),
    }),
  },
  putObject: {
    summary: "Begin an upload with the signed transaction; the same again says what is missing",
    body: z.object({
      transaction: base64url.min(1).max(4_096),
      /** 32 bytes from which the salts follow; empty where chunks have none. */
      secret: hexBytes.max(64),
      /** Leaf hashes of all chunks, one after the other. */
      leaves: base64url.max(700_000),
    }),
    answer: z.object({ root: hex32, missing }),
  },
  putChunk: {
    summary: "The bytes of a chunk and of those after it, in any order and as often as it takes",
    params: z.object({ object: hex32, index: chunkIndex }),
    rawBody: MAX_RUN_BYTES,
    /** From `index` on, so many are on the disk now. */
    answer: z.object({ index: count, chunks: count }),
  },
  commitObject: {
    summary: "Every chunk is there: send the transaction to the chain and give a signed receipt",
    params: z.object({ object: hex32 }),
    query: z.object({ waitMs: decimal(z.number().int().min(0).max(30_000)).default(0) }),
    body: z.object({ transaction: base64url.max(4_096).optional() }),
    answer: z.object({
      root: hex32,
      transaction: hex32,
      state: z.enum(["spooled", "final"]),
      receipt: base64url,
      address: address.nullable(),
    }),
  },
  objectChunk: {
    summary: "One chunk with its salt and its path to the root",
    params: z.object({ object: objectName, index: chunkIndex }),
    answer: z.object({
      root: hex32,
      index: count,
      salt: hexBytes,
      path: z.array(hex32),
      bytes: base64url,
    }),
  },
  objectData: {
    summary: "The bytes, whole or a range (RFC 9110 §14); every chunk is checked before it leaves",
    params: z.object({ object: objectName }),
    answer: z.unknown(),
  },
  objectErasure: {
    summary: "Which replicas have signed that they erased an object, and which have not",
    params: z.object({ object: objectName }),
    answer: z.object({
      height: count,
      legalBasis: z.string(),
      receipts: z.array(
        z.object({ replica: identityHex, name: z.string().nullable(), height: count }),
      ),
      outstanding: z.array(z.object({ replica: identityHex, name: z.string().nullable() })),
    }),
  },
  objectOpening: {
    summary: "What proves the whole object: its transaction's proof, the leaves, and their salts",
    params: z.object({ object: objectName }),
    answer: z.object({ root: hex32, transaction: hex32, secret: hexBytes, leaves: base64url }),
  },
} as const;

export type ObjectView = z.output<typeof object>;
export type ObjectAddress = z.output<typeof address>;
