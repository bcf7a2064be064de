import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import type { Hash } from "../crypto/suite.ts";
import { equalBytes } from "../hex.ts";
import { stateKey } from "../ledger/state.ts";
import {
  readOptional,
  readStatePath,
  writeOptional,
  writeStatePath,
} from "../merkle/path-codec.ts";
import { type StatePath, verifyStatePath } from "../merkle/state-path.ts";
import type { StateTree } from "../merkle/state-tree.ts";
import { type Account, accounts, codes, slots } from "./account.ts";
import { keccak256 } from "./keccak.ts";

const MAX_CODE_BYTES = 24_576;
const MAX_ACCOUNT_BYTES = 128;
const NO_STORAGE = new Uint8Array(32);

/**
 * What proves an account and, where one was asked for, a slot of its storage under a state root:
 * `[account, storageRoot, path, code, slot]`, a path being `[[sibling …], other]`, and the slot
 * `[value, path]` or null.
 */
export interface AccountProof {
  readonly address: Uint8Array;
  /** Undefined: there is none. */
  readonly account: Account | undefined;
  readonly storageRoot: Uint8Array;
  /** Empty where the account is none of a contract. */
  readonly code: Uint8Array;
  readonly slot?: { readonly slot: Uint8Array; readonly value: Uint8Array };
}

/** The proof's bytes from a state. */
export function proveAccount(tree: StateTree, address: Uint8Array, slot?: Uint8Array): Uint8Array {
  const key = stateKey(accounts.keyOf(address));
  const value = tree.get(key);
  const codeHash = value === undefined ? undefined : accounts.decode(value).codeHash;
  const code = codeHash?.length === 32 ? tree.get(stateKey(codes.keyOf(codeHash))) : undefined;
  const writer = new CborWriter(2_048).array(5);
  writeOptional(writer, value).bytes(tree.ownRoot(key));
  writeStatePath(writer, tree.path(key)).bytes(slot === undefined ? (code ?? NO_CODE) : NO_CODE);
  if (slot === undefined) return writer.null().finish();
  const slotKey = stateKey(slots.keyOf({ address, slot }));
  writer.array(2);
  writeOptional(writer, tree.get(slotKey));
  return writeStatePath(writer, tree.path(slotKey)).finish();
}

const NO_CODE = new Uint8Array(0);

/** What the proof says, when it proves it under the root; undefined when it does not. @throws Fault CBOR_* */
export function checkAccountProof(
  hash: Hash,
  root: Uint8Array,
  place: { readonly address: Uint8Array; readonly slot?: Uint8Array },
  encoded: Uint8Array,
): AccountProof | undefined {
  const { address, slot } = place;
  const reader = new CborReader(encoded);
  reader.tuple("account proof", 5);
  const value = readOptional(reader, "account", MAX_ACCOUNT_BYTES);
  const storageRoot = reader.fixedBytes("storageRoot", 32);
  const path = readStatePath(reader);
  const code = reader.bytes("code", MAX_CODE_BYTES);
  const slotPart = readSlot(reader);
  reader.end();
  const hasStorage = storageRoot.some((byte) => byte !== 0);
  const ownRoot = hasStorage ? storageRoot : undefined;
  const key = stateKey(accounts.keyOf(address));
  if (!verifyStatePath(hash, root, { key, value, ownRoot }, path)) return undefined;
  const account = value && accounts.decode(value);
  const codeHash = account?.codeHash ?? NO_CODE;
  if (code.length > 0 && !equalBytes(keccak256(code), codeHash)) return undefined;
  const shown = { address, account, storageRoot: value ? storageRoot : NO_STORAGE, code };
  if (slot === undefined) return shown;
  if (slotPart === undefined) return undefined;
  const slotKey = stateKey(slots.keyOf({ address, slot }));
  const claim = { key: slotKey.subarray(22), value: slotPart.value };
  if (!verifyStatePath(hash, shown.storageRoot, claim, slotPart.path)) return undefined;
  return { ...shown, slot: { slot, value: slotPart.value ?? NO_CODE } };
}

function readSlot(
  reader: CborReader,
): { readonly value: Uint8Array | undefined; readonly path: StatePath } | undefined {
  if (reader.isNull) {
    reader.null("slot");
    return undefined;
  }
  reader.tuple("slot", 2);
  return { value: readOptional(reader, "value", MAX_ACCOUNT_BYTES), path: readStatePath(reader) };
}
