import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { type ProvenChunk, saltOf } from "@gridledger/protocol/objects/chunks";
import { chunkCount, chunkSpan, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { ObjectChanges } from "../index/query/object-changes.ts";
import { isLeafOf, leavesOf } from "./leaves.ts";
import type { Payload, PayloadStore } from "./payload-store.ts";
import type { ServingGate } from "./serving-gate.ts";

interface ReaderDeps {
  readonly chain: Chain;
  readonly payloads: Pick<PayloadStore, "find" | "chunk">;
  readonly gate: Pick<ServingGate, "check">;
  readonly changes: Pick<ObjectChanges, "erasureOf">;
}

/** Gives objects out, guide §4.4.3. No byte leaves that does not agree with the root on the chain. */
export class ObjectReader {
  readonly #deps: ReaderDeps;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  /** @throws Fault NOT_READY, OBJECT_ERASED; OBJECT_PAYLOAD where its bytes are not here */
  async payloadOf({ root }: ObjectManifest): Promise<Payload> {
    const { changes, gate, payloads } = this.#deps;
    gate.check();
    const erased = await changes.erasureOf(root);
    if (erased !== undefined) throw new Fault("OBJECT_ERASED", erased.legalBasis);
    const payload = await payloads.find(root);
    if (payload === undefined) throw new Fault("OBJECT_PAYLOAD", formatHex(root));
    return payload;
  }

  /** One chunk with its path. @throws Fault OBJECT_RANGE, OBJECT_PAYLOAD */
  async chunk(manifest: ObjectManifest, index: number): Promise<ProvenChunk> {
    const { hash } = this.#deps.chain.suite;
    const chunks = chunkCount(manifest);
    if (index >= chunks) throw new Fault("OBJECT_RANGE", `chunk ${index} of ${chunks}`);
    const payload = await this.payloadOf(manifest);
    const bytes = await this.#checked(manifest, payload, index);
    const tree = new MerkleTree(hash, leavesOf(payload.leaves, chunks));
    const salt = saltOf(hash, manifest.saltPolicy, payload.secret, index);
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
    const payload = await this.payloadOf(manifest);
    let index = Math.floor(from / manifest.chunkBytes);
    let next: Uint8Array | undefined = await this.#checked(manifest, payload, index);
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const span = chunkSpan(manifest, index);
          const bytes: Uint8Array = next ?? (await this.#checked(manifest, payload, index));
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

  async #checked(manifest: ObjectManifest, payload: Payload, index: number): Promise<Uint8Array> {
    const { chain, payloads } = this.#deps;
    const bytes = await payloads.chunk(manifest.root, index);
    if (bytes !== undefined && isLeafOf(chain.suite.hash, manifest, payload, index, bytes)) {
      return bytes;
    }
    const what = bytes === undefined ? "is not here" : "is damaged here";
    throw new Fault("OBJECT_PAYLOAD", `chunk ${index} of ${formatHex(manifest.root)} ${what}`);
  }
}
