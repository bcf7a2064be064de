import { asFault, Fault } from "@gridledger/protocol/faults";
import { HeldKey, keyPageOf, pageSigner } from "@gridledger/protocol/keys/held-key";
import { DAY_MS } from "@gridledger/protocol/keys/key-period";
import { KeyRingPages } from "@gridledger/protocol/keys/key-ring-pages";
import { type KeyTrouble, KeyTurner } from "@gridledger/protocol/keys/key-turner";
import { createSealedKey } from "@gridledger/protocol/keys/sealed-key";
import { TurnFiles, type TurnPlaces } from "@gridledger/protocol/keys/turn-files";
import { keyAt } from "@gridledger/protocol/ledger/identity-keys";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { identities } from "@gridledger/protocol/ledger/state";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import type { KeyChain } from "./key-chain.ts";
import { type Meter, type network, type Person, suite } from "./support.ts";

const secret = Buffer.from("0123456789abcdef0123456789abcdef");
const source = { path: "gateway.page", unlock: { env: "UNLOCK" } };

/** The power went: the process is gone, the disk is as it was. */
class PowerCut extends Error {}

/** A device that rotates its own key: its disk, its process, and its way to a chain. */
export class TurningDevice {
  readonly disk = new Map<string, Uint8Array>();
  readonly troubles: KeyTrouble[] = [];
  readonly keys: KeyChain;
  /** The n-th step on disk or network from now on does not come to its end. */
  cutAt = Number.POSITIVE_INFINITY;
  /** The chain does not hear, or its answer is lost. */
  isDeaf = false;
  isMute = false;
  /** What a validator says to every rotation. */
  refusal: Fault | undefined;
  nowMs = 0;
  turner!: KeyTurner;
  #pages!: KeyRingPages;
  readonly #net: ReturnType<typeof network>;
  readonly #who: Person;
  #turnsMs = 0;

  constructor(net: ReturnType<typeof network>, who: Person, keys: KeyChain) {
    this.keys = keys;
    this.#net = net;
    this.#who = who;
    const ownership = { module: "gateway", owner: "City", validFromMs: 0 };
    const period = { ...ownership, validUntilMs: 365 * DAY_MS };
    const unlock = { secret, isRandom: true };
    this.disk.set(source.path, createSealedKey(suite, unlock, period, who.pkcs8).page);
    this.restart();
  }

  get ring() {
    return this.#pages.ring;
  }

  /** Epoch of the key with which the chain takes the next block's transactions. */
  get epochOnChain(): number {
    const identity = this.keys.view.get(identities, this.#who.id)!;
    return keyAt(this.#net.chain, identity, this.keys.height + 1).epoch;
  }

  get epochs(): number[] {
    return [...this.disk.keys()]
      .filter((name) => name.endsWith(".page"))
      .map((name) => keyPageOf(this.disk.get(name)!, name).epoch);
  }

  /** A new process over the same disk. */
  restart(): void {
    const readPrivate = (path: string) => this.#read(path);
    const hold = (_: unknown, { path }: { readonly path: string }) =>
      new HeldKey(pageSigner(secret, this.#read(path), path), "gateway", { record() {} });
    const readTurns = (path: string) => {
      const bytes = this.disk.get(path);
      return bytes && { text: Buffer.from(bytes).toString(), changedMs: this.#turnsMs };
    };
    this.#pages = new KeyRingPages({ readPrivate, readTurns, hold }, suite, source);
    this.turner = new KeyTurner(
      {
        ...{
          chain: this.#net.chain,
          ring: this.ring,
          files: new TurnFiles(this.#places(), source),
        },
        ...{ look: () => this.#pages.look(), headHeight: () => this.keys.height },
        submit: (rotation) => this.#submit(rotation),
        clock: { nowMs: () => this.nowMs, schedule: () => () => {} },
        log: { info() {}, error() {} },
        onTrouble: (trouble) => this.troubles.push(trouble),
      },
      365,
    );
  }

  /** A batch signed as the bridge does: by the ring, again with another key where one is refused. */
  send(meter: Meter): void {
    const { chain } = this.#net;
    for (let tries = 0; tries < 4; tries++) {
      const key = this.ring.at(this.keys.height + 1);
      const encoded = signTransaction(
        ...([key.suite, key.signer("readings"), chain.chainId] as const),
        { kind: kind.readings, validUntilHeight: this.keys.height + 9, ...this.#batch(meter) },
        this.#who.id,
      );
      const refused = this.keys.block(encoded);
      if (refused === undefined) {
        meter.next();
        return;
      }
      this.ring.refuse(key.epoch);
    }
    throw new Error("the chain takes nothing of this device");
  }

  #batch(meter: Meter) {
    return { nonce: new Uint8Array(0), payload: meter.payload() };
  }

  #submit(rotation: Uint8Array): Promise<"final" | "waiting"> {
    this.#step();
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    if (this.isDeaf) return Promise.resolve("waiting");
    const refused = this.keys.block(rotation);
    // A final one that is sent again is answered with its receipt.
    const isFinal = refused === undefined || refused.code === "TX_REPLAYED";
    this.#step();
    if (!isFinal) return Promise.reject(asFault(refused));
    return Promise.resolve(this.isMute ? "waiting" : "final");
  }

  #read(path: string): Uint8Array {
    const bytes = this.disk.get(path);
    if (bytes === undefined) throw new Fault("FILE_UNREADABLE", path);
    return bytes;
  }

  #step(): void {
    if (this.cutAt-- === 0) throw new PowerCut();
  }

  #places(): TurnPlaces {
    const put = (path: string, content: string | Uint8Array) => {
      this.#step();
      this.disk.set(path, Buffer.from(content));
      this.#turnsMs++;
      this.#step();
    };
    return {
      readPrivate: (path) => this.#read(path),
      environment: { UNLOCK: secret.toString() },
      isThere: (path) => this.disk.has(path),
      writeNew: put,
      replace: put,
      remove: (path) => {
        this.#step();
        this.disk.delete(path);
        this.#step();
      },
    };
  }
}
