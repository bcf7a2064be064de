import { copyPolicies, DEFAULT_COPIES } from "@gridledger/protocol/copies/copy-policy";
import { holdersIn } from "@gridledger/protocol/copies/holder-table";
import { encodeHoldingStatement } from "@gridledger/protocol/copies/holding-statement";
import { mayHold, placementOrder } from "@gridledger/protocol/copies/placement";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { checkStanding } from "@gridledger/protocol/ledger/standing";
import { identities } from "@gridledger/protocol/ledger/state";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { type CopyAnswer, encodeCopyAnswer } from "@gridledger/protocol/messages/copy-answer";
import {
  type CopyPiece,
  decodeCopyPiece,
  encodeCopyPiece,
  PIECE_BYTES,
} from "@gridledger/protocol/messages/copy-piece";
import { type CopyQuestion, decodeCopyQuestion } from "@gridledger/protocol/messages/copy-question";
import {
  decodeKeepCopy,
  encodeKeepCopy,
  type KeepCopy,
} from "@gridledger/protocol/messages/keep-copy";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { isChunkOf, saltOf } from "@gridledger/protocol/objects/chunks";
import {
  chunkCount,
  chunkSpan,
  decodeManifest,
  MAX_CHUNK_BYTES,
  type ObjectManifest,
} from "@gridledger/protocol/objects/manifest";
import { objectTable } from "@gridledger/protocol/objects/object-table";
import type { StateReader } from "../state/state-view.ts";
import { ChunkAssembly } from "./chunk-assembly.ts";
import type { CopyStore, Opening } from "./copy-store.ts";

interface HolderDeps {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly ownId: Uint8Array;
  readonly store: CopyStore;
  /** After the last final block. */
  readonly state: () => StateReader;
  /** An object that is to be gone is asked for: it goes, and its receipt may not be on the chain yet. */
  readonly erase: (root: Uint8Array) => Promise<void>;
  readonly now: () => number;
}

interface Held {
  readonly opening: Opening;
  readonly manifest: ObjectManifest;
}

type Said = Partial<Pick<CopyAnswer, "firstMissing" | "digest" | "statement">>;

const NOTHING = new Uint8Array(0);

/**
 * Keeps copies of objects and gives them out again (guide §10.5). It believes nobody: the chain says
 * what may be kept, the root which bytes, and the placement rule what may be let go of.
 */
export class Holder {
  readonly #deps: HolderDeps;
  readonly #maxBytes: number;
  readonly #assembly = new ChunkAssembly();

  constructor(deps: HolderDeps, options: { readonly maxBytes: number }) {
    this.#deps = deps;
    this.#maxBytes = options.maxBytes;
  }

  /** What to send back; undefined where the bytes are no message for a holder. @throws Fault CBOR_* */
  async answer(peer: string, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const type = peekMessageType(bytes);
    if (type === messageType.keepCopy) {
      const message = decodeKeepCopy(bytes);
      return this.#reply(peer, message, () => this.#keep(message));
    }
    if (type === messageType.copyPiece) {
      const piece = decodeCopyPiece(bytes);
      return this.#reply(peer, piece, () => this.#take(piece));
    }
    if (type === messageType.copyQuestion) {
      const question = decodeCopyQuestion(bytes);
      return this.#reply(peer, question, () => this.#tell(question));
    }
    return undefined;
  }

  async #reply(
    peer: string,
    { id, root }: { readonly id: number; readonly root: Uint8Array },
    work: () => Promise<Said | Uint8Array>,
  ): Promise<Uint8Array> {
    const silent = { id, root, code: "", firstMissing: 0, digest: NOTHING, statement: NOTHING };
    try {
      this.#checkAsker(peer);
      await this.#checkOnChain(root);
      const said = await work();
      return said instanceof Uint8Array ? said : encodeCopyAnswer({ ...silent, ...said });
    } catch (thrown) {
      return encodeCopyAnswer({ ...silent, code: asFault(thrown).code });
    }
  }

  #checkAsker(peer: string): void {
    const id = Buffer.from(peer, "hex");
    const state = this.#deps.state();
    const revoked = checkStanding(state, id);
    if (revoked !== undefined) throw revoked;
    if (state.get(identities, id)?.role !== "hub") {
      throw new Fault("SENDER_ROLE", "a hub places copies and asks for them");
    }
  }

  async #checkOnChain(root: Uint8Array): Promise<void> {
    const known = this.#deps.state().get(objectTable, root);
    if (known === undefined) throw new Fault("OBJECT_UNKNOWN", formatHex(root));
    if (known.erasedHeight === undefined) return;
    await this.#deps.erase(root);
    throw new Fault("OBJECT_ERASED", formatHex(root));
  }

  async #keep({ root, transaction, secret }: KeepCopy): Promise<Said> {
    const { store } = this.#deps;
    const manifest = this.#manifestOf(transaction, root);
    if (manifest.classification === "confidential") {
      throw new Fault("COPY_SHAPE", "what is confidential stays with its hub");
    }
    if ((await store.find(root)) === undefined) {
      const bytes = (await store.usedBytes()) + manifest.sizeBytes;
      if (bytes > this.#maxBytes) throw new Fault("COPY_SPACE", `${bytes} of ${this.#maxBytes}`);
      await store.keep(root, { transaction, secret }, manifest.sizeBytes);
    }
    return this.#state(root, manifest);
  }

  async #take(piece: CopyPiece): Promise<Said> {
    const { chain, store } = this.#deps;
    const { root, index, path } = piece;
    const { opening, manifest } = await this.#require(root);
    if (index >= chunkCount(manifest))
      throw new Fault("OBJECT_CHUNK", `there is no chunk ${index}`);
    const { from, to } = chunkSpan(manifest, index);
    const bytes = this.#assembly.take(piece, to - from);
    if (bytes === undefined) return {};
    const { hash } = chain.suite;
    const salt = saltOf(hash, manifest.saltPolicy, opening.secret, index);
    if (!isChunkOf(hash, manifest, { index, salt, bytes, path })) {
      throw new Fault("OBJECT_CHUNK", `chunk ${index} does not agree with the root`);
    }
    await store.putChunk(root, index, bytes, path);
    return index + 1 < chunkCount(manifest) ? {} : this.#state(root, manifest);
  }

  async #tell(question: CopyQuestion): Promise<Said | Uint8Array> {
    const { about, id, root, index, offset, nonce } = question;
    const { opening, manifest } = await this.#require(root);
    switch (about) {
      case "state":
        return this.#state(root, manifest);
      case "opening":
        return encodeKeepCopy({ id, root, ...opening });
      case "read": {
        const part = await this.#part(root, index, { offset, bytes: PIECE_BYTES });
        const isLast = offset + part.bytes.length >= part.chunkBytes;
        const path = isLast ? part.path : [];
        return encodeCopyPiece({ id, root, index, offset, bytes: part.bytes, path });
      }
      case "digest": {
        const part = await this.#part(root, index, { offset: 0, bytes: MAX_CHUNK_BYTES });
        return { digest: this.#deps.chain.suite.hash(nonce, part.bytes) };
      }
      case "drop":
        this.#checkSurplus(manifest);
        await this.#deps.store.erase(root);
        return {};
    }
  }

  async #part(root: Uint8Array, index: number, which: { offset: number; bytes: number }) {
    const part = await this.#deps.store.read(root, index, which);
    if (part === undefined) throw new Fault("COPY_UNKNOWN", `chunk ${index}`);
    return part;
  }

  async #state(root: Uint8Array, manifest: ObjectManifest): Promise<Said> {
    const { chain, signer, store, now } = this.#deps;
    const chunks = chunkCount(manifest);
    const firstMissing = await store.firstMissing(root);
    if (firstMissing < chunks) return { firstMissing };
    const heldMs = await store.completed(root, now());
    const said = { root, chunks, heldMs };
    const statement = encodeHoldingStatement(chain.suite, signer, chain.chainId, said);
    return { firstMissing, statement };
  }

  /** @throws Fault COPY_PLACED where the rule wants it here */
  #checkSurplus({ root, classification }: ObjectManifest): void {
    const { chain, ownId } = this.#deps;
    const state = this.#deps.state();
    const wanted = (state.get(copyPolicies, "") ?? DEFAULT_COPIES)[classification];
    const able = holdersIn(state).filter((holder) => mayHold(classification, holder));
    const order = placementOrder(chain.suite.hash, root, able);
    if (order.slice(0, wanted).some(({ id }) => equalBytes(id, ownId))) {
      throw new Fault("COPY_PLACED");
    }
  }

  async #require(root: Uint8Array): Promise<Held> {
    const opening = await this.#deps.store.find(root);
    if (opening === undefined) throw new Fault("COPY_UNKNOWN", formatHex(root));
    return { opening, manifest: this.#manifestOf(opening.transaction, root) };
  }

  #manifestOf(transaction: Uint8Array, root: Uint8Array): ObjectManifest {
    const manifest = decodeManifest(decodeTransaction(this.#deps.chain.suite, transaction).payload);
    if (!equalBytes(manifest.root, root)) throw new Fault("OBJECT_SHAPE", "it is of another root");
    return manifest;
  }
}
