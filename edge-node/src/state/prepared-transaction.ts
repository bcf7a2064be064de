import { decodeSign1, type Sign1, verifySign1 } from "@gridledger/protocol/cose/sign1";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import {
  type IdentityKey,
  keyAt,
  type LedgerIdentity,
  otherKey,
  suiteOfKey,
} from "@gridledger/protocol/ledger/identity-keys";
import { checkStanding } from "@gridledger/protocol/ledger/standing";
import { identities } from "@gridledger/protocol/ledger/state";
import { decodeTransaction, VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import { kindByNumber } from "./kinds.ts";
import type { StateReader } from "./state-view.ts";
import type { Operation, Sender, TransactionKind } from "./transaction-kind.ts";

type SigningKey = Pick<IdentityKey, "suiteId" | "publicKey">;

/** Bytes as a short map key. */
export function bytesKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/**
 * A transaction decoded once: admission, proposal check and import all use the same object. Its
 * signature is verified at most once by a key; which key counts, the state says at each height.
 */
export class PreparedTransaction {
  readonly encoded: Uint8Array;
  /** `bytesKey` of the hash; the one form in which the hash is kept, because thousands wait at once. */
  readonly key: string;
  readonly sender: Uint8Array;
  readonly validUntilHeight: number;
  readonly operation: Operation;
  readonly #kind: TransactionKind;
  /** Gone once it verified: thousands wait at once. */
  #sign1: Sign1 | undefined;
  /** The key that is known to have signed it for this chain. */
  #signedBy: SigningKey | undefined;

  /** Keeps views into `encoded`. @throws Fault CBOR_*, TX_*, BATCH_SHAPE, KEY_INVALID */
  constructor(chain: Chain, encoded: Uint8Array) {
    const { suite, genesis } = chain;
    const decoded = decodeTransaction(suite, encoded, genesis.policy.maxTransactionBytes);
    this.encoded = encoded;
    this.key = bytesKey(decoded.hash);
    this.sender = decoded.sender;
    this.validUntilHeight = decoded.validUntilHeight;
    this.#kind = kindByNumber(decoded.kind);
    this.operation = this.#kind.read(chain, decoded.payload);
    this.#sign1 = decoded.sign1;
  }

  get hash(): Uint8Array {
    return Buffer.from(this.key, "latin1");
  }

  /** The sender as this state knows it, or why this state takes nothing of it. */
  authorise(state: StateReader): Sender | Fault {
    const identity = state.get(identities, this.sender);
    if (identity === undefined) {
      return new Fault("SENDER_UNKNOWN", `${formatHex(this.sender)} is not enrolled`);
    }
    if (!this.#kind.senderRoles.includes(identity.role)) {
      return new Fault("SENDER_ROLE", `a ${identity.role} may not send this kind`);
    }
    return checkStanding(state, this.sender) ?? { id: this.sender, identity };
  }

  /** Why its signature does not count at the height: another key of the sender signs there, or nobody's did. */
  checkSignature(chain: Chain, identity: LedgerIdentity, height: number): Fault | undefined {
    const key = keyAt(chain, identity, height);
    if (this.verify(chain, key)) return undefined;
    const other = otherKey(identity, key);
    if (other === undefined || !this.verify(chain, other)) return new Fault("SIGNATURE_INVALID");
    const { epoch } = key;
    return new Fault("KEY_EPOCH", `signed by key ${other.epoch}; at ${height} key ${epoch} signs`);
  }

  /** True when the key signed it for this chain. */
  verify(chain: Chain, key: SigningKey): boolean {
    if (this.isSignedBy(key)) return true;
    const sign1 = this.#sign1 ?? decodeSign1(this.encoded, this.encoded.length);
    if (!verifySign1(suiteOfKey(chain, key), key.publicKey, chain.chainId, sign1)) return false;
    this.noteVerified(key);
    return true;
  }

  /** True when it has verified by this key before. */
  isSignedBy({ suiteId, publicKey }: SigningKey): boolean {
    const by = this.#signedBy;
    return by !== undefined && by.suiteId === suiteId && equalBytes(by.publicKey, publicKey);
  }

  /** The key was found to have signed it for this chain, here or on another thread. */
  noteVerified(key: SigningKey): void {
    this.#signedBy = key;
    this.#sign1 = undefined;
  }

  /** Why a block of this height cannot hold it, by its window alone. */
  checkWindow(height: number): Fault | undefined {
    if (this.validUntilHeight < height) {
      return new Fault("TX_EXPIRED", `valid until ${this.validUntilHeight}, next is ${height}`);
    }
    if (this.validUntilHeight > height + VALIDITY_WINDOW_BLOCKS) {
      return new Fault(
        "TX_TOO_FAR",
        `valid until ${this.validUntilHeight}, at most ${height + VALIDITY_WINDOW_BLOCKS}`,
      );
    }
    return undefined;
  }
}
