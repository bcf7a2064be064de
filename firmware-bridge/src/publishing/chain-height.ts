import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { asFault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { faultTolerance } from "@gridledger/protocol/ledger/validators";
import { verifyStatus } from "@gridledger/protocol/messages/status";
import { parseTopic } from "@gridledger/protocol/topics";

/**
 * How high the chain is, as far as this device can know: its own receipts prove a height; of the
 * validators' signed statuses the (f+1)-th highest counts, so that f liars cannot raise it.
 */
export class ChainHeight {
  readonly #chain: Chain;
  readonly #keys = new Map<string, Uint8Array>();
  readonly #claimed = new Map<string, number>();
  #proved = 0;

  constructor(chain: Chain) {
    this.#chain = chain;
    for (const { publicKey } of chain.validators) {
      this.#keys.set(formatHex(identityId(chain.suite.hash, publicKey)), publicKey);
    }
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
}
