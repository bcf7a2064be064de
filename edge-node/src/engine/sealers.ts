import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Hash } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import type { ValidatorSet } from "@gridledger/protocol/ledger/validators";

interface SealersDeps {
  readonly hash: Hash;
  readonly ledger: { readonly head: { readonly validators: ValidatorSet } };
}

/** Who seals the next height, by the ids under which they speak; hashed once a set. */
export class Sealers {
  readonly #deps: SealersDeps;
  #set: ValidatorSet["validators"] = [];
  #ids: readonly string[] = [];

  constructor(deps: SealersDeps) {
    this.#deps = deps;
  }

  /** Identity ids in hex, in the order of the set. */
  get ids(): readonly string[] {
    const { hash, ledger } = this.#deps;
    const { validators } = ledger.head.validators;
    if (validators !== this.#set) {
      this.#set = validators;
      this.#ids = validators.map(({ publicKey }) => formatHex(identityId(hash, publicKey)));
    }
    return this.#ids;
  }

  has(id: string): boolean {
    return this.ids.includes(id);
  }
}
