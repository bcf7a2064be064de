import { Fault } from "../faults.ts";
import { MAX_CHUNK_BYTES, MAX_CHUNKS, ROOT_BYTES } from "../objects/manifest.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

export const NONCE_BYTES = 16;

/**
 * What a holder can be asked. `state`: how much it has · `opening`: what it was given with the object ·
 * `read`: part of a chunk · `digest`: H(nonce ‖ chunk) · `drop`: let go of what the rule gives to
 * others. Numbers on the wire, never reused.
 */
const questions = { state: 1, opening: 2, read: 3, digest: 4, drop: 5 } as const;
export type CopyMatter = keyof typeof questions;

/** `[version, 37, id, about, root, index, offset, nonce]` */
export interface CopyQuestion {
  readonly id: number;
  readonly about: CopyMatter;
  readonly root: Uint8Array;
  /** Of the chunk, for `read` and `digest`. */
  readonly index: number;
  /** In the chunk, for `read`. */
  readonly offset: number;
  /** 16 bytes for `digest`, else empty. */
  readonly nonce: Uint8Array;
}

export function encodeCopyQuestion(question: CopyQuestion): Uint8Array {
  const { id, about, root, index, offset, nonce } = question;
  const writer = startMessage(messageType.copyQuestion, 8, 96);
  writer.uint(id).uint(questions[about]).bytes(root);
  return writer.uint(index).uint(offset).bytes(nonce).finish();
}

/** @throws Fault CBOR_* */
export function decodeCopyQuestion(encoded: Uint8Array): CopyQuestion {
  const reader = openMessage(encoded, {
    name: "copyQuestion",
    type: messageType.copyQuestion,
    items: 8,
    maxBytes: 128,
  });
  const id = reader.uint("id");
  const about = matterOf(reader.uint("about"));
  const root = reader.fixedBytes("root", ROOT_BYTES);
  const index = reader.uint("index", MAX_CHUNKS - 1);
  const offset = reader.uint("offset", MAX_CHUNK_BYTES);
  const nonce = reader.bytes("nonce", NONCE_BYTES);
  reader.end();
  if (nonce.length !== (about === "digest" ? NONCE_BYTES : 0)) {
    throw new Fault("CBOR_SHAPE", `a nonce of ${nonce.length} bytes`);
  }
  return { id, about, root, index, offset, nonce };
}

function matterOf(number: number): CopyMatter {
  const found = Object.entries(questions).find(([, known]) => known === number);
  if (found === undefined) throw new Fault("CBOR_SHAPE", `unknown question ${number}`);
  return found[0] as CopyMatter;
}
