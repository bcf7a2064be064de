import { MAX_STATEMENT_BYTES } from "../copies/holding-statement.ts";
import { MAX_CHUNKS, ROOT_BYTES } from "../objects/manifest.ts";
import { openMessage, startMessage } from "./envelope.ts";
import { messageType } from "./numbers.ts";

const MAX_CODE_BYTES = 32;

/** `[version, 38, id, root, code, firstMissing, digest, statement]`: what a holder says of a copy. */
export interface CopyAnswer {
  readonly id: number;
  readonly root: Uint8Array;
  /** Why it does not do what was asked; empty where it does. */
  readonly code: string;
  /** Index of the first chunk that it lacks; the number of chunks where it has them all. */
  readonly firstMissing: number;
  /** H(nonce ‖ chunk), else empty. */
  readonly digest: Uint8Array;
  /** `copies/holding-statement` where it has them all, else empty. */
  readonly statement: Uint8Array;
}

export function encodeCopyAnswer(answer: CopyAnswer): Uint8Array {
  const { id, root, code, firstMissing, digest, statement } = answer;
  const writer = startMessage(messageType.copyAnswer, 8, 128 + statement.length);
  writer.uint(id).bytes(root).text(code).uint(firstMissing);
  return writer.bytes(digest).bytes(statement).finish();
}

/** @throws Fault CBOR_* */
export function decodeCopyAnswer(encoded: Uint8Array): CopyAnswer {
  const reader = openMessage(encoded, {
    name: "copyAnswer",
    type: messageType.copyAnswer,
    items: 8,
    maxBytes: MAX_STATEMENT_BYTES + 256,
  });
  const answer = {
    id: reader.uint("id"),
    root: reader.fixedBytes("root", ROOT_BYTES),
    code: reader.text("code", MAX_CODE_BYTES),
    firstMissing: reader.uint("firstMissing", MAX_CHUNKS),
    digest: reader.bytes("digest", 32),
    statement: reader.bytes("statement", MAX_STATEMENT_BYTES),
  };
  reader.end();
  return answer;
}
