import { decodeEthereumTransaction } from "@gridledger/protocol/contracts/ethereum-transaction";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { EthereumSource } from "./ethereum-source.ts";

const REMEMBERED = 4_096;

/** Brings raw transactions to the chain, each once however often it is sent. */
export class RawSender {
  readonly #source: Pick<EthereumSource, "carry" | "isWaiting">;
  /** Pool keys by the name of the raw transaction, oldest first. */
  readonly #carried = new Map<string, string>();

  constructor(source: Pick<EthereumSource, "carry" | "isWaiting">) {
    this.#source = source;
  }

  /** Its name. @throws Fault ETHEREUM_*, ACCOUNT_UNBOUND, NONCE_*, or of the pool */
  send(raw: Uint8Array): Uint8Array {
    // Before the node signs anything.
    const { hash, nonce } = decodeEthereumTransaction(raw);
    const name = formatHex(hash);
    if (this.isWaiting(hash)) return hash;
    this.#remember(name, this.#carry(raw, nonce));
    return hash;
  }

  /** True while a transaction that went through here waits for its block. */
  isWaiting(name: Uint8Array): boolean {
    const key = this.#carried.get(formatHex(name));
    return key !== undefined && this.#source.isWaiting(key);
  }

  #carry(raw: Uint8Array, nonce: number): string {
    try {
      return this.#source.carry(raw);
    } catch (thrown) {
      const fault = asFault(thrown);
      if (fault.code !== "TX_REPLAYED") throw fault;
      // The words by which libraries know it.
      const message = `replacement transaction underpriced: nonce ${nonce} is waiting already`;
      throw new Fault("TX_REPLAYED", message, { cause: fault });
    }
  }

  #remember(name: string, key: string): void {
    this.#carried.delete(name);
    this.#carried.set(name, key);
    if (this.#carried.size <= REMEMBERED) return;
    for (const oldest of this.#carried.keys()) {
      this.#carried.delete(oldest);
      return;
    }
  }
}
