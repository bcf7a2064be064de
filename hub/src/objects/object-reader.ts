import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import type { ProvenChunk } from "@gridledger/protocol/objects/chunks";
import { chunkCount, chunkSpan, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { ObjectChanges } from "../index/query/object-changes.ts";
import type { CopyReader } from "./copies/copy-reader.ts";
import { leavesOf } from "./leaves.ts";
import type { Payload, PayloadStore } from "./payload-store.ts";
import type { ServingGate } from "./serving-gate.ts";

interface ReaderDeps {
  readonly chain: Chain;
  readonly payloads: Pick<PayloadStore, "find">;
  readonly copies: Pick<CopyReader, "chunk">;
  readonly gate: Pick<ServingGate, "check">;
  readonly changes: Pick<ObjectChanges, "erasureOf">;
}

/** Gives objects out, guide §4.4.3. No byte leaves that does not agree with the root on the chain. */
export class ObjectReader {
  readonly #deps: ReaderDeps;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  /** @throws Fault NOT_READY, OBJECT_ERASED; OBJECT_PAYLOAD where it is not with this hub */
  async payloadOf(manifest: ObjectManifest): Promise<Payload> {
    const payload = await this.#find(manifest);
    if (payload === undefined) throw new Fault("OBJECT_PAYLOAD", formatHex(manifest.root));
    return payload;
  }

  /** One chunk with its path. @throws Fault OBJECT_RANGE, OBJECT_PAYLOAD */
  async chunk(manifest: ObjectManifest, index: number): Promise<ProvenChunk> {
    const { hash } = this.#deps.chain.suite;
    const chunks = chunkCount(manifest);
    if (index >= chunks) throw new Fault("OBJECT_RANGE", `chunk ${index} of ${chunks}`);
    const payload = await this.#find(manifest);
    const { bytes, salt, path } = await this.#deps.copies.chunk(manifest, payload, index);
    if (path !== undefined || payload === undefined)
      return { index, salt, bytes, path: path ?? [] };
    const tree = new MerkleTree(hash, leavesOf(payload.leaves, chunks));
    return { index, salt, bytes, path: tree.path(index) };
  }

  /**
   * The bytes from `from` up to `to`, piece by piece, never the whole in memory. The first piece is
   * checked before there is a stream.
   *
   * @throws Fault OBJECT_PAYLOAD
   */
  async stream(
    manifest: ObjectManifest,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<ReadableStream<Uint8Array>> {
    const payload = await this.#find(manifest);
    const read = async (at: number) => (await this.#deps.copies.chunk(manifest, payload, at)).bytes;
    let index = Math.floor(from / manifest.chunkBytes);
    let next: Uint8Array | undefined = await read(index);
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const span = chunkSpan(manifest, index);
          const bytes: Uint8Array = next ?? (await read(index));
          next = undefined;
          const piece = bytes.subarray(Math.max(0, from - span.from), to - span.from);
          if (piece.length > 0) controller.enqueue(piece);
          index++;
          if (span.to >= to) controller.close();
        },
      },
      { highWaterMark: 1 },
    );
  }

  /** Undefined where the bytes are with others only. */
  async #find({ root }: ObjectManifest): Promise<Payload | undefined> {
    const { changes, gate, payloads } = this.#deps;
    gate.check();
    const erased = await changes.erasureOf(root);
    if (erased !== undefined) throw new Fault("OBJECT_ERASED", erased.legalBasis);
    return payloads.find(root);
  }
}
