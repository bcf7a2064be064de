import type { StateManagerInterface } from "@ethereumjs/common";
import type { Address, Account as EvmAccount } from "@ethereumjs/util";
import { accounts, codes, slots } from "@gridledger/protocol/contracts/account";
import { keccak256 } from "@gridledger/protocol/contracts/keccak";
import type { StateReader, StateView } from "../state/state-view.ts";
import type { EvmLibrary } from "./evm-library.ts";
import { Journal } from "./journal.ts";

const NOTHING = new Uint8Array(0);
/** What an analysis holds is some ten times the code. */
const LASTING_CODES = 64;

/** An account while a transaction runs. */
interface LiveAccount {
  readonly nonce: bigint;
  readonly codeHash: Uint8Array;
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

/**
 * What the machine sees of the state: writes of one transaction over a `StateView`, undone frame by
 * frame where a call reverts and carried into the view when the transaction is over. Its methods
 * answer at once; the machine awaits what they return, which costs nothing but a turn of its queue.
 */
export class World {
  readonly #library: EvmLibrary;
  #state: StateReader = { get: () => undefined };
  readonly #accounts = new Journal<string, LiveAccount | undefined>();
  readonly #slots = new Journal<string, Uint8Array>();
  readonly #codes = new Map<string, Uint8Array>();
  /** Codes of the state by their hash: the machine knows a code that it has met by its very array. */
  readonly #lasting = new Map<string, Uint8Array>();
  /** Values before the transaction, for the price of SSTORE (EIP-2200). */
  readonly originalStorageCache = {
    get: (address: Address, slot: Uint8Array): Uint8Array => this.#read(address.bytes, slot),
    clear: (): void => undefined,
  };

  constructor(library: EvmLibrary) {
    this.#library = library;
  }

  /** This as the machine's own interface, which asks for promises and takes values. */
  get asManager(): StateManagerInterface {
    return this as unknown as StateManagerInterface;
  }

  /** Starts a transaction on this state. */
  begin(state: StateReader): void {
    this.#state = state;
    this.#accounts.clear();
    this.#slots.clear();
    this.#codes.clear();
  }

  getAccount(address: Address): EvmAccount | undefined {
    const live = this.#live(address.bytes);
    if (live === undefined) return undefined;
    const { nonce, codeHash } = live;
    const hash = codeHash.length === 0 ? undefined : codeHash;
    return new this.#library.util.Account(nonce, 0n, undefined, hash);
  }

  putAccount(address: Address, account?: EvmAccount): void {
    const live = account && {
      nonce: account.nonce,
      codeHash: account.isContract() ? account.codeHash : NOTHING,
    };
    this.#accounts.set(textOf(address.bytes), live);
  }

  deleteAccount(address: Address): void {
    this.putAccount(address);
  }

  modifyAccountFields(address: Address, fields: Partial<EvmAccount>): void {
    const live = this.#live(address.bytes);
    const nonce = fields.nonce ?? live?.nonce ?? 0n;
    const codeHash = fields.codeHash ?? live?.codeHash ?? NOTHING;
    this.#accounts.set(textOf(address.bytes), { nonce, codeHash });
  }

  putCode(address: Address, code: Uint8Array): void {
    if (code.length === 0) return;
    const codeHash = keccak256(code);
    this.#codes.set(textOf(codeHash), code);
    this.modifyAccountFields(address, { codeHash });
  }

  getCode(address: Address): Uint8Array {
    const codeHash = this.#live(address.bytes)?.codeHash;
    if (codeHash === undefined || codeHash.length === 0) return NOTHING;
    const text = textOf(codeHash);
    return this.#codes.get(text) ?? this.#lasting.get(text) ?? this.#load(codeHash, text);
  }

  getCodeSize(address: Address): number {
    return this.getCode(address).length;
  }

  getStorage(address: Address, slot: Uint8Array): Uint8Array {
    const key = textOf(address.bytes) + textOf(slot);
    return this.#slots.get(key) ?? this.#read(address.bytes, slot);
  }

  putStorage(address: Address, slot: Uint8Array, value: Uint8Array): void {
    let start = 0;
    while (start < value.length && value[start] === 0) start++;
    const word = start === value.length ? NOTHING : new Uint8Array(value.subarray(start));
    this.#slots.set(textOf(address.bytes) + textOf(slot), word);
  }

  /** As `getStorage`, for the machine's own parts. */
  slotOf(address: Uint8Array, slot: Uint8Array): Uint8Array {
    return this.#slots.get(textOf(address) + textOf(slot)) ?? this.#read(address, slot);
  }

  /** Writes a slot of an account that is part of the machine; undone with the frame that did it. */
  setSlot(address: Uint8Array, slot: Uint8Array, word: Uint8Array): void {
    const text = textOf(address);
    // A call has touched it already; an account with nothing in it does not stay (EIP-161).
    if ((this.#live(address)?.nonce ?? 0n) === 0n) {
      this.#accounts.set(text, { nonce: 1n, codeHash: NOTHING });
    }
    this.#slots.set(text + textOf(slot), word);
  }

  /** Only for an account that this transaction created: it has no older storage (EIP-7610). */
  clearStorage(_address: Address): void {}

  checkpoint(): void {
    this.#accounts.checkpoint();
    this.#slots.checkpoint();
  }

  commit(): void {
    this.#accounts.commit();
    this.#slots.commit();
  }

  revert(): void {
    this.#accounts.revert();
    this.#slots.revert();
  }

  clearCaches(): void {}

  /** How many slots the transaction's writes add to what contracts hold; negative where they free some. */
  get moreSlots(): number {
    let more = 0;
    for (const [text, word] of this.#slots.entries()) {
      const address = bytesOf(text.slice(0, 20));
      const isHeld = word.length > 0 && this.#live(address) !== undefined;
      const wasHeld = this.#read(address, bytesOf(text.slice(20))).length > 0;
      more += Number(isHeld) - Number(wasHeld);
    }
    return more;
  }

  /** Carries the transaction's writes into the view; accounts first, their storage after. */
  flush(view: StateView, creator: Uint8Array): void {
    for (const [text, live] of this.#accounts.entries()) {
      if (live !== undefined) this.#flushAccount(view, bytesOf(text), live, creator);
    }
    for (const [text, word] of this.#slots.entries()) {
      const name = { address: bytesOf(text.slice(0, 20)), slot: bytesOf(text.slice(20)) };
      // Of a contract that was created and destroyed nothing stays.
      if (view.get(accounts, name.address) === undefined) continue;
      if (word.length === 0) view.delete(slots, name);
      else view.set(slots, name, word);
    }
  }

  #flushAccount(
    view: StateView,
    address: Uint8Array,
    live: LiveAccount,
    creator: Uint8Array,
  ): void {
    const { codeHash } = live;
    const identityId = view.get(accounts, address)?.identityId ?? creator;
    view.set(accounts, address, { nonce: Number(live.nonce), codeHash, identityId });
    const code = this.#codes.get(textOf(codeHash));
    if (code === undefined || view.get(codes, codeHash) !== undefined) return;
    view.set(codes, codeHash, code);
  }

  #live(address: Uint8Array): LiveAccount | undefined {
    const text = textOf(address);
    if (this.#accounts.has(text)) return this.#accounts.get(text);
    const known = this.#state.get(accounts, address);
    return known && { nonce: BigInt(known.nonce), codeHash: known.codeHash };
  }

  #load(codeHash: Uint8Array, text: string): Uint8Array {
    const code = this.#state.get(codes, codeHash);
    if (code === undefined) return NOTHING;
    if (this.#lasting.size >= LASTING_CODES) {
      this.#lasting.delete(this.#lasting.keys().next().value!);
    }
    this.#lasting.set(text, code);
    return code;
  }

  #read(address: Uint8Array, slot: Uint8Array): Uint8Array {
    return this.#state.get(slots, { address, slot }) ?? NOTHING;
  }
}
