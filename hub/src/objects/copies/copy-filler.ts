import { randomBytes } from "node:crypto";
import {
  decodeHoldingStatement,
  verifyHoldingStatement,
} from "@gridledger/protocol/copies/holding-statement";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { NONCE_BYTES } from "@gridledger/protocol/messages/copy-question";
import { chunkCount, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import { leavesOf } from "../leaves.ts";
import type { Payload, PayloadStore } from "../payload-store.ts";
import type { ReachedHolder } from "./copy-holders.ts";
import type { CopyReader } from "./copy-reader.ts";
import type { CopyRecords } from "./copy-records.ts";
import type { CopyRow } from "./copy-table.ts";
import type { CopyOpening, HeldState } from "./holder-port.ts";

interface FillerDeps {
  readonly chain: Chain;
  readonly payloads: Pick<PayloadStore, "find">;
  readonly reader: Pick<CopyReader, "chunk">;
  readonly records: CopyRecords;
  /** What a holder has that this hub lost. @throws Fault OBJECT_PAYLOAD */
  readonly openingOf: (manifest: ObjectManifest) => Promise<CopyOpening>;
  readonly noteFull: (called: string) => void;
  /** Waits as long as so many bytes may take. */
  readonly pace: (bytes: number) => Promise<void>;
}

interface Work {
  readonly manifest: ObjectManifest;
  readonly payload: Payload | undefined;
  readonly tree: MerkleTree | undefined;
  readonly holder: ReachedHolder;
}

/** Gives one holder what it lacks of an object, from copies that are good, and heals what is bad. */
export class CopyFiller {
  readonly #deps: FillerDeps;

  constructor(deps: FillerDeps) {
    this.#deps = deps;
  }

  /** True when the holder has all of it. */
  async fill(
    manifest: ObjectManifest,
    holder: ReachedHolder,
    before: CopyRow | undefined,
  ): Promise<boolean> {
    const { records } = this.#deps;
    const { root } = manifest;
    try {
      const statement = await this.#fill(await this.#work(manifest, holder), before);
      await records.held(root, holder.called, statement);
      return true;
    } catch (thrown) {
      const { code } = asFault(thrown);
      if (code === "COPY_SPACE") this.#deps.noteFull(holder.called);
      const isKnownBad = before?.state === "lying" || before?.state === "stale";
      if (code === "COPY_LYING") await records.is(root, holder.called, "lying", code);
      else if (!isKnownBad) await records.is(root, holder.called, "missing", code);
      return false;
    }
  }

  async #work(manifest: ObjectManifest, holder: ReachedHolder): Promise<Work> {
    const { chain, payloads } = this.#deps;
    const payload = await payloads.find(manifest.root);
    const { hash } = chain.suite;
    const tree = payload && new MerkleTree(hash, leavesOf(payload.leaves, chunkCount(manifest)));
    return { manifest, payload, tree, holder };
  }

  async #fill(work: Work, before: CopyRow | undefined): Promise<Uint8Array | undefined> {
    const { manifest, payload, holder } = work;
    const { root } = manifest;
    const chunks = chunkCount(manifest);
    const { transaction, secret } = payload ?? (await this.#deps.openingOf(manifest));
    let state = await holder.port.keep(root, { transaction, secret });
    // One that is new has been checked by the holder on its way in.
    const isOld = before !== undefined && before.state !== "missing";
    if (isOld) await this.#heal(work, state.firstMissing);
    // Each round closes a gap at least; a holder that only says so would go on for ever.
    for (let left = chunks; state.firstMissing < chunks && left > 0; left--) {
      await this.#put(work, state.firstMissing);
      const next = await this.#next(work, state.firstMissing);
      if (next.firstMissing <= state.firstMissing) throw new Fault("COPY_LYING", "it lost a chunk");
      state = next;
    }
    if (state.firstMissing < chunks) throw new Fault("COPY_LYING", "chunks are missing for ever");
    if (holder.isStore) return undefined;
    const said = state.statement ?? (await holder.port.state(root)).statement;
    return this.#checkStatement(work, said);
  }

  /** Only the end of an object is asked for: a gap on the way is seen then. */
  async #next({ manifest, holder }: Work, done: number): Promise<HeldState> {
    const chunks = chunkCount(manifest);
    if (done + 1 < chunks) return { firstMissing: done + 1, statement: undefined };
    return holder.port.state(manifest.root);
  }

  /** Challenges every chunk and replaces those that are wrong. */
  async #heal(work: Work, chunks: number): Promise<void> {
    const { chain, pace, reader } = this.#deps;
    const { manifest, payload, holder } = work;
    const { root } = manifest;
    for (let index = 0; index < chunks; index++) {
      const { bytes } = await reader.chunk(manifest, payload, index);
      const nonce = randomBytes(NONCE_BYTES);
      const digest = await holder.port.digest(root, index, nonce).catch((thrown: unknown) => {
        if (asFault(thrown).code === "COPY_SILENT") throw thrown;
        return new Uint8Array(0);
      });
      await pace(bytes.length);
      if (!equalBytes(digest, chain.suite.hash(nonce, bytes))) await this.#put(work, index);
    }
  }

  async #put({ manifest, payload, tree, holder }: Work, index: number): Promise<void> {
    const { pace, reader } = this.#deps;
    const chunk = await reader.chunk(manifest, payload, index);
    await pace(chunk.bytes.length);
    const path = chunk.path ?? tree?.path(index) ?? [];
    await holder.port.put(manifest.root, index, { bytes: chunk.bytes, path });
  }

  /** @throws Fault COPY_LYING */
  #checkStatement({ manifest, holder }: Work, said: Uint8Array | undefined): Uint8Array {
    const { suite, chainId } = this.#deps.chain;
    if (said === undefined) throw new Fault("COPY_LYING", "no statement");
    const message = decodeHoldingStatement(said);
    const { publicKey, otherKey } = holder.identity;
    const keys = [publicKey, ...(otherKey === undefined ? [] : [otherKey.publicKey])];
    const isRight = keys.some((key) => {
      try {
        const { root, chunks } = verifyHoldingStatement(suite, key, chainId, message);
        return equalBytes(root, manifest.root) && chunks === chunkCount(manifest);
      } catch {
        return false;
      }
    });
    if (!isRight) throw new Fault("COPY_LYING", "its statement is not of this copy");
    return said;
  }
}
