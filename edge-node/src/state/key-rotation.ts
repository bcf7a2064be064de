import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import {
  type IdentityKey,
  keyAt,
  type LedgerIdentity,
  suiteOfKey,
} from "@gridledger/protocol/ledger/identity-keys";
import {
  decodeKeyRotation,
  type KeyRotation,
  MAX_EPOCH_STEP,
  ROTATION_MAX_AHEAD_BLOCKS,
  ROTATION_MIN_AHEAD_BLOCKS,
  ROTATION_ROLES,
  verifyRotationProof,
} from "@gridledger/protocol/ledger/key-rotation";
import { keyHolders, pastKeys } from "@gridledger/protocol/ledger/key-tables";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { identities } from "@gridledger/protocol/ledger/state";
import type { StateReader, StateView } from "./state-view.ts";
import { checkSuiteActive } from "./suite-active.ts";
import type { BlockPlace, PlainOperation, Sender, TransactionKind } from "./transaction-kind.ts";

/** A rotation that waits for its height, if there is one: the key of now can put another in its place. */
function waitingKey(
  { turn }: LedgerIdentity,
  { epoch }: Pick<IdentityKey, "epoch">,
): IdentityKey | undefined {
  return turn?.current.epoch === epoch ? turn.next : undefined;
}

/** Another key signs for the sender from a height on, guide §4.1.2 b). */
class RotationOperation implements PlainOperation {
  readonly #chain: Chain;
  readonly #rotation: KeyRotation;

  constructor(chain: Chain, rotation: KeyRotation) {
    this.#chain = chain;
    this.#rotation = rotation;
  }

  check(state: StateReader, sender: Sender, { height }: BlockPlace): Fault | undefined {
    const { identityId: id, epoch, fromHeight } = this.#rotation;
    if (!equalBytes(id, sender.id)) return new Fault("ROTATION_SENDER");
    const ahead = fromHeight - height;
    if (ahead < ROTATION_MIN_AHEAD_BLOCKS || ahead > ROTATION_MAX_AHEAD_BLOCKS) {
      return new Fault("ROTATION_HEIGHT", `from ${fromHeight} on, in a block of height ${height}`);
    }
    const now = keyAt(this.#chain, sender.identity, height);
    // Also what refuses a rotation that is sent a second time: its epoch has come.
    if (epoch <= now.epoch || epoch > now.epoch + MAX_EPOCH_STEP) {
      return new Fault("ROTATION_EPOCH", `epoch ${epoch} after ${now.epoch}`);
    }
    return (
      checkSuiteActive(this.#chain, state, this.#rotation.suiteId, height) ??
      this.#checkFree(state, sender, now) ??
      this.#checkProof()
    );
  }

  write(state: StateView, { id, identity }: Sender, { height }: BlockPlace): void {
    const { epoch, suiteId, publicKey, fromHeight } = this.#rotation;
    const current = keyAt(this.#chain, identity, height);
    const waiting = waitingKey(identity, current);
    if (waiting !== undefined) state.delete(keyHolders, this.#idOf(waiting.publicKey));
    const { turn } = identity;
    if (turn !== undefined && turn.current.epoch !== current.epoch) {
      state.set(pastKeys, { identityId: id, epoch: turn.current.epoch }, turn.current);
    }
    const next = { epoch, suiteId, publicKey: new Uint8Array(publicKey), fromHeight };
    state.set(identities, id, { ...identity, turn: { current, next } });
    state.set(keyHolders, this.#idOf(publicKey), id);
  }

  /** One key, one identity, once; only a rotation that waits may come again, for another height. */
  #checkFree(state: StateReader, { id, identity }: Sender, now: IdentityKey): Fault | undefined {
    const { publicKey } = this.#rotation;
    const keyId = this.#idOf(publicKey);
    if (state.get(identities, keyId) !== undefined) return new Fault("ROTATION_KEY");
    const holder = state.get(keyHolders, keyId);
    if (holder === undefined) return undefined;
    const waiting = waitingKey(identity, now);
    const isWaiting = waiting !== undefined && equalBytes(waiting.publicKey, publicKey);
    if (equalBytes(holder, id) && isWaiting) return undefined;
    return new Fault("ROTATION_KEY", `it belongs to ${formatHex(holder)}`);
  }

  #checkProof(): Fault | undefined {
    const suite = suiteOfKey(this.#chain, this.#rotation);
    try {
      suite.checkPublicKey(this.#rotation.publicKey);
    } catch (thrown) {
      return asFault(thrown, "KEY_INVALID");
    }
    const isProven = verifyRotationProof(suite, this.#chain.chainId, this.#rotation);
    return isProven ? undefined : new Fault("ROTATION_PROOF");
  }

  #idOf(publicKey: Uint8Array): Uint8Array {
    return identityId(this.#chain.suite.hash, publicKey);
  }
}

export const keyRotation: TransactionKind = {
  number: kind.keyRotation,
  senderRoles: ROTATION_ROLES,
  read: (chain, payload) => new RotationOperation(chain, decodeKeyRotation(payload)),
};
