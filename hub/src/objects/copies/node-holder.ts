import { Fault, type FaultCode, faultTable } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { CopyAnswer } from "@gridledger/protocol/messages/copy-answer";
import { encodeCopyPiece, PIECE_BYTES } from "@gridledger/protocol/messages/copy-piece";
import {
  type CopyMatter,
  encodeCopyQuestion,
  NONCE_BYTES,
} from "@gridledger/protocol/messages/copy-question";
import { encodeKeepCopy } from "@gridledger/protocol/messages/keep-copy";
import { MAX_CHUNK_BYTES } from "@gridledger/protocol/objects/manifest";
import type { CopyClient, CopyReply } from "./copy-client.ts";
import type { CopiedChunk, CopyOpening, HeldState, HolderPort } from "./holder-port.ts";

const NOTHING = new Uint8Array(0);

interface Asked {
  readonly about: CopyMatter;
  readonly root: Uint8Array;
  readonly index?: number;
  readonly offset?: number;
  readonly nonce?: Uint8Array;
}

/** A node that keeps copies, over the broker. */
export class NodeHolder implements HolderPort {
  readonly #client: Pick<CopyClient, "ask">;
  /** Identity id in hex. */
  readonly #peer: string;

  constructor(client: Pick<CopyClient, "ask">, peer: string) {
    this.#client = client;
    this.#peer = peer;
  }

  async keep(root: Uint8Array, opening: CopyOpening): Promise<HeldState> {
    const reply = await this.#client.ask(this.#peer, (id) =>
      encodeKeepCopy({ id, root, ...opening }),
    );
    return heldIn(this.#answer(root, reply));
  }

  async put(root: Uint8Array, index: number, { bytes, path }: CopiedChunk): Promise<void> {
    for (let offset = 0; offset === 0 || offset < bytes.length; offset += PIECE_BYTES) {
      const part = bytes.subarray(offset, offset + PIECE_BYTES);
      const isLast = offset + part.length >= bytes.length;
      const piece = { root, index, offset, bytes: part, path: isLast ? path : [] };
      const reply = await this.#client.ask(this.#peer, (id) => encodeCopyPiece({ id, ...piece }));
      this.#answer(root, reply);
    }
  }

  async state(root: Uint8Array): Promise<HeldState> {
    return heldIn(this.#answer(root, await this.#ask({ about: "state", root })));
  }

  async opening(root: Uint8Array): Promise<CopyOpening> {
    const reply = await this.#ask({ about: "opening", root });
    if (reply.type !== "opening") throw this.#refusal(root, reply);
    return reply.message;
  }

  async chunk(root: Uint8Array, index: number): Promise<CopiedChunk> {
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (;;) {
      const reply = await this.#ask({ about: "read", root, index, offset });
      if (reply.type !== "piece") throw this.#refusal(root, reply);
      const { bytes, path, ...said } = reply.message;
      const isAsked = equalBytes(said.root, root) && said.index === index;
      if (!isAsked || said.offset !== offset) throw new Fault("COPY_LYING", "another part");
      parts.push(bytes);
      offset += bytes.length;
      // A part that is not full is the last; so is one with a path.
      if (path.length > 0 || bytes.length < PIECE_BYTES)
        return { bytes: Buffer.concat(parts), path };
      if (offset >= MAX_CHUNK_BYTES) return { bytes: Buffer.concat(parts), path };
    }
  }

  async digest(root: Uint8Array, index: number, nonce: Uint8Array): Promise<Uint8Array> {
    return this.#answer(root, await this.#ask({ about: "digest", root, index, nonce })).digest;
  }

  async drop(root: Uint8Array): Promise<void> {
    this.#answer(root, await this.#ask({ about: "drop", root }));
  }

  #ask({ about, root, index = 0, offset = 0, nonce = NOTHING }: Asked): Promise<CopyReply> {
    const question = { about, root, index, offset, nonce: nonce.subarray(0, NONCE_BYTES) };
    return this.#client.ask(this.#peer, (id) => encodeCopyQuestion({ id, ...question }));
  }

  #answer(root: Uint8Array, reply: CopyReply): CopyAnswer {
    if (reply.type !== "answer" || reply.message.code !== "") throw this.#refusal(root, reply);
    if (!equalBytes(reply.message.root, root)) throw new Fault("COPY_LYING", "of another object");
    return reply.message;
  }

  #refusal(root: Uint8Array, reply: CopyReply): Fault {
    const { type, message } = reply;
    if (type !== "answer" || !equalBytes(message.root, root)) {
      return new Fault("COPY_LYING", "an answer to another question");
    }
    const code = Object.hasOwn(faultTable, message.code) ? message.code : "COPY_LYING";
    return new Fault(code as FaultCode, `said by ${this.#peer}`);
  }
}

function heldIn({ firstMissing, statement }: CopyAnswer): HeldState {
  return { firstMissing, statement: statement.length === 0 ? undefined : statement };
}
