import { asFault, Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { isChunkOf, saltOf } from "@gridledger/protocol/objects/chunks";
import type { ObjectManifest } from "@gridledger/protocol/objects/manifest";
import type { Clock } from "../../clock.ts";
import { isLeafOf } from "../leaves.ts";
import type { Payload, PayloadStore } from "../payload-store.ts";
import type { CopyTable } from "./copy-table.ts";
import type { HolderPort } from "./holder-port.ts";
import { OWN, ReadOrder } from "./read-order.ts";

/** A chunk that agrees with the root. */
export interface CheckedChunk {
  readonly bytes: Uint8Array;
  readonly salt: Uint8Array;
  /** Undefined where it follows from the payload's leaves. */
  readonly path: readonly Uint8Array[] | undefined;
}

interface ReaderDeps {
  readonly chain: Chain;
  readonly payloads: Pick<PayloadStore, "chunk" | "putChunk">;
  readonly table: Pick<CopyTable, "of">;
  readonly portOf: (called: string) => HolderPort | undefined;
  /** A source gave nothing, or what the root does not name. */
  readonly onBad: (root: Uint8Array, called: string, fault: Fault) => Promise<void>;
  /** No copy agrees with the root. */
  readonly onLost: (root: Uint8Array) => void;
  readonly clock: Clock;
}

interface Wanted {
  readonly manifest: ObjectManifest;
  /** The hub's own; undefined where it has none. */
  readonly payload: Payload | undefined;
  readonly index: number;
}

interface Source {
  readonly called: string;
  read(wanted: Wanted): Promise<CheckedChunk>;
}

/**
 * Reads an object from any of its copies (guide §10.5). What does not agree with the root is told, the
 * next copy is asked, and the hub's own is mended at once.
 */
export class CopyReader {
  readonly #deps: ReaderDeps;
  readonly #order = new ReadOrder();

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  /** @throws Fault OBJECT_PAYLOAD where no copy agrees with the root */
  async chunk(
    manifest: ObjectManifest,
    payload: Payload | undefined,
    index: number,
  ): Promise<CheckedChunk> {
    const wanted = { manifest, payload, index };
    const { root } = manifest;
    let isOwnBad = false;
    for (const source of this.#order.of(await this.#sources(wanted))) {
      const found = await this.#read(source, wanted);
      if (!(found instanceof Fault)) {
        if (isOwnBad) await this.#mend(root, index, found.bytes);
        return found;
      }
      isOwnBad ||= source.called === OWN;
      await this.#deps.onBad(root, source.called, found);
    }
    this.#deps.onLost(root);
    const name = formatHex(root);
    throw new Fault("OBJECT_PAYLOAD", `no copy of chunk ${index} of ${name} agrees with the root`);
  }

  async #sources({ manifest, payload }: Wanted): Promise<Source[]> {
    const rows = await this.#deps.table.of(manifest.root);
    const others = rows.flatMap(({ holder: called, state }): Source[] => {
      const port = state === "held" ? this.#deps.portOf(called) : undefined;
      return port === undefined ? [] : [{ called, read: (wanted) => this.#ofHolder(port, wanted) }];
    });
    const own: Source[] =
      payload === undefined ? [] : [{ called: OWN, read: (wanted) => this.#own(wanted) }];
    return [...own, ...others];
  }

  async #read(source: Source, wanted: Wanted): Promise<CheckedChunk | Fault> {
    const { clock } = this.#deps;
    const startedMs = clock.now();
    const end = this.#order.begin(source.called);
    try {
      return await source.read(wanted);
    } catch (thrown) {
      return asFault(thrown);
    } finally {
      end(clock.now() - startedMs);
    }
  }

  async #own({ manifest, payload, index }: Wanted): Promise<CheckedChunk> {
    const { chain, payloads } = this.#deps;
    const { hash } = chain.suite;
    const bytes = await payloads.chunk(manifest.root, index);
    if (bytes === undefined || payload === undefined) throw new Fault("COPY_UNKNOWN");
    if (!isLeafOf(hash, manifest, payload, index, bytes)) throw new Fault("COPY_LYING");
    const salt = saltOf(hash, manifest.saltPolicy, payload.secret, index);
    return { bytes, salt, path: undefined };
  }

  async #ofHolder(port: HolderPort, { manifest, payload, index }: Wanted): Promise<CheckedChunk> {
    const { hash } = this.#deps.chain.suite;
    const { root } = manifest;
    const { secret } = payload ?? (await port.opening(root));
    const { bytes, path } = await port.chunk(root, index);
    const salt = saltOf(hash, manifest.saltPolicy, secret, index);
    const chunk = { index, salt, bytes, path };
    if (!isChunkOf(hash, manifest, chunk)) throw new Fault("COPY_LYING", `chunk ${index}`);
    return chunk;
  }

  async #mend(root: Uint8Array, index: number, bytes: Uint8Array): Promise<void> {
    const { clock, payloads } = this.#deps;
    await payloads.putChunk(root, index, bytes, clock.now());
  }
}
