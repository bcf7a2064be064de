import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import type { Role } from "../ledger/roles.ts";

/** Who may put data on the chain. */
export const PUTTERS: readonly Role[] = [
  ...(["device", "operator", "application", "organisation", "hub"] as const),
];

export const ROOT_BYTES = 32;
export const MAX_CHUNKS = 16_384;
export const MIN_CHUNK_BYTES = 1_024;
export const MAX_CHUNK_BYTES = 1_048_576;
/** Of chunks in one request: a line of 1 Mbit/s gets two of them at once through in their time. */
export const MAX_RUN_BYTES = 2_097_152;
const MAX_NAME_BYTES = 128;
const MAX_MEDIA_TYPE_BYTES = 127;
const MAX_RETENTION_DAYS = 36_525;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/;

/** The rule by which what was handed in became the bytes that are cut (`conversions.ts`). Never reused. */
export const conversions = { bytes: 0, json: 1, csv: 2, rows: 3 } as const;
export type Conversion = keyof typeof conversions;

/** Whether each chunk's leaf hides its bytes from who would guess them. Never reused. */
export const saltPolicies = { none: 0, "per-chunk": 1 } as const;
export type SaltPolicy = keyof typeof saltPolicies;

/** Who may fetch the bytes, as the policy of a hub says. Never reused. */
export const classifications = { public: 0, internal: 1, confidential: 2 } as const;
export type Classification = keyof typeof classifications;

/**
 * What the chain keeps of an object, kind 13 (guide §4.4.1): `[root, sizeBytes, chunkBytes, name,
 * mediaType, conversion, saltPolicy, classification, retentionDays]`. The bytes stay with the hubs.
 */
export interface ObjectManifest {
  /** Root of the tree over the chunks' leaves, 32 bytes; `chunks.ts`. */
  readonly root: Uint8Array;
  /** Of all chunks together, after the conversion. */
  readonly sizeBytes: number;
  /** Of every chunk but the last. */
  readonly chunkBytes: number;
  readonly name: string;
  /** Without parameters, e.g. `text/csv`. */
  readonly mediaType: string;
  readonly conversion: Conversion;
  readonly saltPolicy: SaltPolicy;
  readonly classification: Classification;
  /** How long the bytes are to be kept; 0 without an end. */
  readonly retentionDays: number;
}

/** How many chunks there are; an object without bytes has one empty chunk. */
export function chunkCount({
  sizeBytes,
  chunkBytes,
}: Pick<ObjectManifest, "sizeBytes" | "chunkBytes">): number {
  return Math.max(1, Math.ceil(sizeBytes / chunkBytes));
}

/** Where chunk `index` begins and ends, in bytes. */
export function chunkSpan(
  { sizeBytes, chunkBytes }: Pick<ObjectManifest, "sizeBytes" | "chunkBytes">,
  index: number,
): { readonly from: number; readonly to: number } {
  const from = index * chunkBytes;
  return { from, to: Math.min(sizeBytes, from + chunkBytes) };
}

/** @throws Fault OBJECT_SHAPE */
export function encodeManifest(manifest: ObjectManifest): Uint8Array {
  checkManifest(manifest);
  const writer = new CborWriter(256).array(9).bytes(manifest.root);
  writer.uint(manifest.sizeBytes).uint(manifest.chunkBytes);
  writer.text(manifest.name).text(manifest.mediaType);
  writer.uint(conversions[manifest.conversion]).uint(saltPolicies[manifest.saltPolicy]);
  writer.uint(classifications[manifest.classification]).uint(manifest.retentionDays);
  return writer.finish();
}

/** @throws Fault CBOR_*, OBJECT_SHAPE */
export function decodeManifest(encoded: Uint8Array): ObjectManifest {
  const reader = new CborReader(encoded);
  reader.tuple("object", 9);
  const manifest = {
    root: reader.fixedBytes("root", ROOT_BYTES),
    sizeBytes: reader.uint("sizeBytes"),
    chunkBytes: reader.uint("chunkBytes"),
    name: reader.text("name", MAX_NAME_BYTES),
    mediaType: reader.text("mediaType", MAX_MEDIA_TYPE_BYTES),
    conversion: nameOf(conversions, "conversion", reader.uint("conversion")),
    saltPolicy: nameOf(saltPolicies, "salt policy", reader.uint("saltPolicy")),
    classification: nameOf(classifications, "classification", reader.uint("classification")),
    retentionDays: reader.uint("retentionDays"),
  };
  reader.end();
  checkManifest(manifest);
  return manifest;
}

function nameOf<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
  what: string,
  number: number,
): Name {
  const found = (Object.keys(numbers) as Name[]).find((name) => numbers[name] === number);
  return found ?? refuse(`${what} ${number} is not known`);
}

function checkManifest(manifest: ObjectManifest): void {
  const { root, sizeBytes, chunkBytes, name, mediaType, retentionDays } = manifest;
  if (root.length !== ROOT_BYTES) refuse("root has 32 bytes");
  if (!(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0)) refuse("sizeBytes is a whole number");
  const isChunkSize = Number.isInteger(chunkBytes) && chunkBytes >= MIN_CHUNK_BYTES;
  if (!isChunkSize || chunkBytes > MAX_CHUNK_BYTES) {
    refuse(`a chunk has ${MIN_CHUNK_BYTES} to ${MAX_CHUNK_BYTES} bytes`);
  }
  if (chunkCount(manifest) > MAX_CHUNKS) refuse(`an object has at most ${MAX_CHUNKS} chunks`);
  const nameBytes = new TextEncoder().encode(name).length;
  if (nameBytes < 1 || nameBytes > MAX_NAME_BYTES || /[\p{C}]|^\s|\s$/u.test(name)) {
    refuse(`a name has 1 to ${MAX_NAME_BYTES} bytes and no control characters`);
  }
  if (!MEDIA_TYPE.test(mediaType)) refuse("mediaType must be like text/csv");
  const isRetention = Number.isInteger(retentionDays) && retentionDays >= 0;
  if (!isRetention || retentionDays > MAX_RETENTION_DAYS) {
    refuse(`retentionDays is 0 to ${MAX_RETENTION_DAYS}`);
  }
}

function refuse(detail: string): never {
  throw new Fault("OBJECT_SHAPE", detail);
}
