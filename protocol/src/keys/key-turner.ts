import { asFault, Fault, type FaultCode } from "../faults.ts";
import type { Chain } from "../ledger/genesis.ts";
import {
  encodeKeyRotation,
  proveRotation,
  ROTATION_MIN_AHEAD_BLOCKS,
} from "../ledger/key-rotation.ts";
import { kind } from "../ledger/kinds.ts";
import { decodeTransaction, signTransaction, verifyTransaction } from "../ledger/transaction.ts";
import type { KeyPage } from "./key-page.ts";
import { DAY_MS, periodEndMs, rotationDueMs } from "./key-period.ts";
import type { KeyRing, RingKey } from "./key-ring.ts";
import type { TurnFiles } from "./turn-files.ts";

/** After the start, and while the chain has not been heard of. */
const FIRST_CHECK_MS = 2_000;
const CHECK_MS = 60_000;
/** What was refused for good is tried again, and told again, after so long. */
const TROUBLE_MS = 3_600_000;
/** From the head to the first height of the new key: time to become final, also on a busy chain. */
const AHEAD_BLOCKS = 128;
/** A rotation refused with these is signed again, for a later height or with the key that counts. */
const SIGNED_AGAIN: readonly FaultCode[] = [
  ...(["TX_EXPIRED", "ROTATION_HEIGHT", "KEY_EPOCH", "SIGNATURE_INVALID"] as const),
];

interface Log {
  info(data: object, message: string): void;
  error(data: object, message: string): void;
}

interface TurnerDeps {
  readonly chain: Chain;
  readonly ring: KeyRing;
  readonly files: TurnFiles;
  /** Opens pages that have come. */
  readonly look: () => void;
  /** That is known here; 0 while none is. */
  readonly headHeight: () => number;
  /** Sends it until it is final or a while is over. @throws Fault what it is refused with */
  readonly submit: (rotation: Uint8Array) => Promise<"final" | "waiting">;
  readonly clock: {
    nowMs(): number;
    schedule(delayMs: number, callback: () => void): () => void;
  };
  readonly log: Log;
  /** A rotation fails, or is late: once an hour while it lasts. */
  readonly onTrouble?: (trouble: KeyTrouble) => void;
}

/** Why a key is not rotated. */
export interface KeyTrouble {
  readonly module: string;
  readonly code: FaultCode;
  readonly detail: string;
  /** When the key's period ends or has ended. */
  readonly dueMs: number;
}

/**
 * Rotates the key of an identity before its period ends (guide §4.1.2 b), without a restart and without
 * a word from anybody: page, signed rotation and heights are on the disk before anything is sent, and
 * what is there is sent until it is final, whenever the process was killed.
 */
export class KeyTurner {
  readonly #deps: TurnerDeps;
  readonly #keyDays: number;
  #cancel: () => void = () => {};
  #running: Promise<void> | undefined;
  #isStopped = false;
  #notBeforeMs = 0;
  #told: { readonly code: FaultCode; readonly atMs: number } | undefined;

  /** @param keyDays how long a key is good at most */
  constructor(deps: TurnerDeps, keyDays: number) {
    this.#deps = deps;
    this.#keyDays = keyDays;
  }

  start(): void {
    this.#schedule(FIRST_CHECK_MS);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#running;
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    this.#cancel = this.#deps.clock.schedule(delayMs, () => {
      this.#running = this.check().finally(() => {
        this.#schedule(this.#deps.headHeight() === 0 ? FIRST_CHECK_MS : CHECK_MS);
      });
    });
  }

  /** Does what is due now. */
  async check(): Promise<void> {
    const { clock } = this.#deps;
    if (clock.nowMs() < this.#notBeforeMs) return;
    try {
      await this.#check();
    } catch (thrown) {
      this.#notBeforeMs = clock.nowMs() + TROUBLE_MS;
      this.#tell(asFault(thrown));
      return;
    }
    this.#tellLate();
  }

  async #check(): Promise<void> {
    const { ring, files, chain, headHeight, clock } = this.#deps;
    if (headHeight() === 0) return;
    const waiting = files.waiting();
    if (waiting !== undefined && (await this.#send(waiting)) !== "over") return;
    const next = headHeight() + 1;
    // Somebody rotates by hand.
    const isTurning = ring.keys.some(({ fromHeight }) => fromHeight > next);
    if (isTurning && waiting === undefined) return;
    const key = ring.at(next);
    const page = files.page(key.epoch);
    if (page === undefined) return;
    if (clock.nowMs() < rotationDueMs(chain.suite.hash, page, this.#keyDays)) return;
    await this.#send(this.#begin(key, page));
  }

  /** Page, rotation and heights, each on the disk before the next. */
  #begin(key: RingKey, page: KeyPage): Uint8Array {
    const { chain, ring, files, look, headHeight, clock, log } = this.#deps;
    const { suite } = key;
    const epoch = key.epoch + 1;
    const next = files.next(suite, page, epoch, this.#keyDays * DAY_MS, clock.nowMs());
    const fromHeight = headHeight() + AHEAD_BLOCKS;
    const { module, scheme } = page;
    const terms = { identityId: ring.id, module, scheme, epoch, suiteId: suite.id, fromHeight };
    const rotation = signTransaction(
      ...([suite, key.signer("rotation"), chain.chainId] as const),
      {
        kind: kind.keyRotation,
        // After this height it could only be refused: another can be signed without a doubt.
        validUntilHeight: fromHeight - ROTATION_MIN_AHEAD_BLOCKS,
        nonce: new Uint8Array(0),
        payload: encodeKeyRotation(proveRotation(chain.chainId, next, terms)),
      },
      ring.id,
    );
    const past = ring.keys.filter((one) => one.epoch > 1 && one.epoch <= key.epoch);
    files.announce(rotation, [...past, { epoch, fromHeight }].map(entryOf));
    look();
    log.info({ module, epoch, fromHeight }, "the key's period ends: it is rotated");
    return rotation;
  }

  async #send(rotation: Uint8Array): Promise<"final" | "waiting" | "over"> {
    const { files, log, submit } = this.#deps;
    try {
      const state = await submit(rotation);
      if (state === "waiting") return this.#isOver(rotation) ? this.#giveUp() : state;
      files.settle();
      log.info({}, "the rotation of the key is final");
      return state;
    } catch (thrown) {
      const { code } = asFault(thrown);
      if (!SIGNED_AGAIN.includes(code)) throw thrown;
      if (code === "KEY_EPOCH" || code === "SIGNATURE_INVALID") this.#refuseSigner(rotation);
      return this.#giveUp();
    }
  }

  #giveUp(): "over" {
    this.#deps.files.settle();
    return "over";
  }

  /** It was final unseen here, or another key counts: the ring goes on with the other. */
  #refuseSigner(rotation: Uint8Array): void {
    const { chain, ring } = this.#deps;
    const transaction = decodeTransaction(chain.suite, rotation);
    const isSigner = ({ suite, signer }: RingKey) =>
      verifyTransaction(suite, signer("rotation").publicKey, chain.chainId, transaction);
    const signer = ring.keys.find(isSigner);
    if (signer !== undefined) ring.refuse(signer.epoch);
  }

  #isOver(rotation: Uint8Array): boolean {
    const { chain, headHeight } = this.#deps;
    return decodeTransaction(chain.suite, rotation).validUntilHeight <= headHeight();
  }

  #page(): KeyPage | undefined {
    const { ring, files, headHeight } = this.#deps;
    try {
      return files.page(ring.at(headHeight() + 1).epoch);
    } catch {
      return undefined; // told already, as what could not be done
    }
  }

  #tellLate(): void {
    const page = this.#page();
    const isLate = page && this.#deps.clock.nowMs() >= periodEndMs(page, this.#keyDays);
    if (isLate) this.#tell(new Fault("KEY_OVERDUE"));
    else this.#told = undefined;
  }

  #tell({ code, message: detail }: Fault): void {
    const { clock, log, onTrouble } = this.#deps;
    const atMs = clock.nowMs();
    if (this.#told?.code === code && atMs < this.#told.atMs + TROUBLE_MS) return;
    this.#told = { code, atMs };
    const page = this.#page();
    const dueMs = page === undefined ? atMs : periodEndMs(page, this.#keyDays);
    const trouble = { module: page?.module ?? "", code, detail, dueMs };
    log.error(trouble, "the key is not rotated");
    onTrouble?.(trouble);
  }
}

const entryOf = ({ epoch, fromHeight }: Pick<RingKey, "epoch" | "fromHeight">) => {
  return { epoch, fromHeight };
};
