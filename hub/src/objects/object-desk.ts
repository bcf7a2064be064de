import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Transaction } from "@gridledger/protocol/ledger/transaction";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { SECRET_BYTES } from "@gridledger/protocol/objects/chunks";
import {
  chunkCount,
  decodeManifest,
  type ObjectManifest,
} from "@gridledger/protocol/objects/manifest";
import {
  encodeObjectReceipt,
  type ObjectReceipt,
} from "@gridledger/protocol/objects/object-receipt";
import type { Clock } from "../clock.ts";
import type { FinalObject } from "../index/query/object-queries.ts";
import type { Log } from "../log.ts";
import type { checkSubmission } from "../outbox/check-submission.ts";
import type { Outbox, Submitted } from "../outbox/outbox.ts";
import { isLeafOf, leavesOf } from "./leaves.ts";
import type { Payload, PayloadStore } from "./payload-store.ts";
import { takeRun } from "./take-run.ts";

const MAX_UNFINISHED = 256;
const MAX_UNFINISHED_BYTES = 8_589_934_592;
/** An upload with which nobody goes on is dropped. */
const KEEP_UNFINISHED_MS = 86_400_000;
const SWEEP_MS = 3_600_000;

interface DeskDeps {
  readonly chain: Chain;
  readonly payloads: PayloadStore;
  readonly outbox: Pick<Outbox, "submit">;
  /** Shape, sender and signature of a transaction. */
  readonly check: (encoded: Uint8Array) => ReturnType<typeof checkSubmission>;
  readonly isErased: (root: Uint8Array) => Promise<boolean>;
  readonly findFinal: (root: Uint8Array) => Promise<FinalObject | undefined>;
  /** The hub's: signs receipts. */
  readonly keys: KeyRing;
  readonly headHeight: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** What begins an upload. */
export interface Beginning {
  readonly transaction: Uint8Array;
  readonly secret: Uint8Array;
  /** One after the other. */
  readonly leaves: Uint8Array;
}

export interface Begun {
  readonly manifest: ObjectManifest;
  /** Indices of the chunks that are not here yet. */
  readonly missing: readonly number[];
}

export interface Committed extends Submitted {
  readonly manifest: ObjectManifest;
  /** Signed by the hub; `protocol/objects/object-receipt`. */
  readonly receipt: Uint8Array;
}

/**
 * Takes objects in, guide §4.4.1: first what is signed and which chunks there will be, then chunk after
 * chunk in any order and again where the line broke, and last the transaction goes to the chain. So no
 * address on the chain names bytes that nobody has.
 */
export class ObjectDesk {
  readonly #deps: DeskDeps;
  #cancel: () => void = () => {};

  constructor(deps: DeskDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#sweep().catch((thrown: unknown) => {
      this.#deps.log.error({ err: thrown }, "unfinished uploads could not be dropped");
    });
    this.#cancel = this.#deps.clock.after(SWEEP_MS, () => this.start());
  }

  stop(): void {
    this.#cancel();
  }

  /** Durable when it has returned; the same again does nothing. @throws Fault OBJECT_*, TX_*, SENDER_* */
  async begin({ transaction: encoded, secret, leaves }: Beginning): Promise<Begun> {
    const { chain, clock, payloads } = this.#deps;
    const { transaction, manifest } = this.#checked(encoded);
    const needed = manifest.saltPolicy === "none" ? 0 : SECRET_BYTES;
    if (secret.length !== needed) throw new Fault("OBJECT_SHAPE", `secret has ${needed} bytes`);
    const hashes = leavesOf(leaves, chunkCount(manifest));
    if (!equalBytes(new MerkleTree(chain.suite.hash, hashes).root, manifest.root)) {
      throw new Fault("OBJECT_SHAPE", "the leaves do not have the root that was signed");
    }
    if (await this.#deps.isErased(manifest.root)) throw new Fault("OBJECT_ERASED");
    const known = await payloads.find(manifest.root);
    if (known !== undefined) this.#checkSame(known, transaction);
    else {
      await this.#checkRoom(manifest.sizeBytes);
      const { root, sizeBytes } = manifest;
      const payload = { root, secret, leaves, sizeBytes, transaction: encoded };
      await payloads.begin(payload, clock.now());
    }
    return { manifest, missing: await this.missing(manifest) };
  }

  /**
   * The chunks of a run, from the first one on, as their bytes come in; gives how many there were. They are
   * durable when it has returned; where one is refused, those before it stay.
   *
   * @throws Fault OBJECT_UNKNOWN, OBJECT_CHUNK
   */
  async putChunks(
    root: Uint8Array,
    first: number,
    pieces: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const { chain, clock, payloads } = this.#deps;
    const payload = await this.#require(root);
    const manifest = this.#manifestOf(payload);
    return takeRun(pieces, manifest.chunkBytes, (place, bytes) => {
      const index = first + place;
      if (isLeafOf(chain.suite.hash, manifest, payload, index, bytes)) {
        return payloads.putChunk(root, index, bytes, clock.now());
      }
      throw new Fault("OBJECT_CHUNK", `chunk ${index} of ${chunkCount(manifest)}`);
    });
  }

  /**
   * Sends the transaction to the chain. When this has returned, everything is on the disk, and the
   * receipt says so.
   *
   * @param renewed the same object signed anew, where the first transaction's window has closed
   * @throws Fault OBJECT_UNKNOWN, OBJECT_INCOMPLETE, and what a validator would say
   */
  async commit(root: Uint8Array, renewed: Uint8Array | undefined, waitMs: number) {
    const { clock, findFinal, outbox, payloads } = this.#deps;
    const payload = await this.#require(root);
    const encoded = renewed ?? payload.transaction;
    const { transaction, manifest } = this.#checked(encoded);
    this.#checkSame(payload, transaction);
    const missing = await this.missing(manifest);
    if (missing.length > 0) {
      throw new Fault("OBJECT_INCOMPLETE", `${missing.length} chunks, the first is ${missing[0]}`);
    }
    const final = await findFinal(root);
    if (final !== undefined) return this.#alreadyFinal(payload, final);
    // On the disk of the outbox before the receipt says so; the waiting comes after.
    await outbox.submit(encoded, 0);
    const receipt = this.#signReceipt({
      ...{ root, txHash: transaction.hash },
      ...{ sizeBytes: manifest.sizeBytes, receivedMs: clock.now() },
    });
    await payloads.acknowledge(root, encoded, receipt);
    const submitted = await outbox.submit(encoded, waitMs);
    return { ...submitted, manifest, receipt } satisfies Committed;
  }

  /** Indices of the chunks that are not here. */
  async missing(manifest: ObjectManifest): Promise<number[]> {
    const present = new Set(await this.#deps.payloads.present(manifest.root));
    return Array.from({ length: chunkCount(manifest) }, (_, i) => i).filter((i) => !present.has(i));
  }

  /** What is here of an object that may not be on the chain yet. */
  async find(
    root: Uint8Array,
  ): Promise<{ payload: Payload; manifest: ObjectManifest } | undefined> {
    const payload = await this.#deps.payloads.find(root);
    return payload && { payload, manifest: this.#manifestOf(payload) };
  }

  #alreadyFinal(payload: Payload, { height, txHash, manifest }: FinalObject): Committed {
    const { root, sizeBytes } = manifest;
    const receivedMs = this.#deps.clock.now();
    const receipt = payload.receipt ?? this.#signReceipt({ root, txHash, sizeBytes, receivedMs });
    return { hash: formatHex(txHash), state: "final", height, manifest, receipt };
  }

  #signReceipt(receipt: ObjectReceipt): Uint8Array {
    const { chain, keys, headHeight } = this.#deps;
    const { suite, signer } = keys.at(headHeight() + 1);
    return encodeObjectReceipt(suite, signer("records"), chain.chainId, receipt, keys.id);
  }

  #checked(encoded: Uint8Array): { transaction: Transaction; manifest: ObjectManifest } {
    const transaction = this.#deps.check(encoded);
    if (transaction.kind !== kind.dataObject) {
      throw new Fault("OBJECT_SHAPE", "the transaction puts no object");
    }
    return { transaction, manifest: decodeManifest(transaction.payload) };
  }

  /** One root, one manifest, one owner. */
  #checkSame(known: Payload, { payload, sender }: Transaction): void {
    const before = decodeTransaction(this.#deps.chain.suite, known.transaction);
    if (equalBytes(before.payload, payload) && equalBytes(before.sender, sender)) return;
    throw new Fault("OBJECT_EXISTS", "it is here with another manifest or of another owner");
  }

  #manifestOf({ transaction }: Payload): ObjectManifest {
    return decodeManifest(decodeTransaction(this.#deps.chain.suite, transaction).payload);
  }

  async #require(root: Uint8Array): Promise<Payload> {
    const payload = await this.#deps.payloads.find(root);
    if (payload === undefined) throw new Fault("OBJECT_UNKNOWN", `${formatHex(root)}: begin it`);
    return payload;
  }

  async #checkRoom(sizeBytes: number): Promise<void> {
    const { count, bytes } = await this.#deps.payloads.unfinished();
    if (count < MAX_UNFINISHED && bytes + sizeBytes <= MAX_UNFINISHED_BYTES) return;
    throw new Fault("OBJECT_SPACE", `${count} uploads of ${bytes} bytes are unfinished`);
  }

  async #sweep(): Promise<void> {
    const { clock, log, payloads } = this.#deps;
    const dropped = await payloads.forgetUnfinished(clock.now() - KEEP_UNFINISHED_MS);
    if (dropped.length > 0) log.info({ dropped }, "unfinished uploads were dropped");
  }
}
