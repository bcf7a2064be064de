import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { asFault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { ValidatorHistory } from "@gridledger/protocol/ledger/handover";
import { faultTolerance, type ValidatorSet } from "@gridledger/protocol/ledger/validators";
import { verifyStatus } from "@gridledger/protocol/messages/status";
import { parseTopic } from "@gridledger/protocol/topics";

/**
 * How high the chain is, as far as this device can know: its own receipts prove a height; of the
 * validators' signed statuses the (f+1)-th highest counts, so that f liars cannot raise it.
 */
export class ChainHeight {
  readonly #chain: Chain;
  readonly #history: Pick<ValidatorHistory, "latest">;
  #set: ValidatorSet | undefined;
  /** Of the latest set that is known here, by identity id. */
  #keys: ReadonlyMap<string, Uint8Array> = new Map();
  readonly #claimed = new Map<string, number>();
  #proved = 0;

  constructor(
    chain: Chain,
    history: Pick<ValidatorHistory, "latest"> = new ValidatorHistory(chain),
  ) {
    this.#chain = chain;
    this.#history = history;
    this.#learnValidators();
  }

  get height(): number {
    const claims = [...this.#claimed.values()].sort((a, b) => b - a);
    return Math.max(this.#proved, claims[faultTolerance(this.#keys.size)] ?? 0);
  }

  prove(height: number): void {
    this.#proved = Math.max(this.#proved, height);
  }

  /** Takes a message of the status topics; the code of what is wrong with it, or null. */
  onStatus(topic: string, bytes: Uint8Array): string | null {
    this.#learnValidators();
    try {
      const { publisher } = parseTopic(topic);
      const key = this.#keys.get(publisher);
      if (key === undefined) return null; // not one of the validators we know
      const { suite, chainId } = this.#chain;
      const { height } = verifyStatus(suite, key, chainId, bytes);
      this.#claimed.set(publisher, height);
      return null;
    } catch (thrown) {
      return asFault(thrown).code;
    }
  }
  /** What those said who have left is forgotten: the (f+1)-th highest is of today's validators. */
  #learnValidators(): void {
    const { latest } = this.#history;
    if (latest === this.#set) return;
    this.#set = latest;
    const { hash } = this.#chain.suite;
    this.#keys = new Map(
      latest.validators.map(({ publicKey }) => [formatHex(identityId(hash, publicKey)), publicKey]),
    );
    for (const id of [...this.#claimed.keys()]) if (!this.#keys.has(id)) this.#claimed.delete(id);
  }
}
