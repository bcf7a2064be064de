import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import { decodeRefusal } from "@gridledger/protocol/messages/refusal";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import type { Clock } from "../clock.ts";

/** A block, its receipt and the way there and back; whoever sends asks again. */
const WAIT_MS = 20_000;

interface SenderDeps {
  readonly chain: Chain;
  readonly clock: Clock;
  /** Sends a `transactions` message; false when it could not. */
  readonly send: (message: Uint8Array) => boolean;
}

type Settle = (outcome: "final" | "waiting" | Fault) => void;

/** Sends a transaction that is no batch, and hears of it: the rotation of the device's key. */
export class LoneSender {
  readonly #deps: SenderDeps;
  /** By transaction hash in hex. */
  readonly #waiting = new Map<string, Settle>();

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /** @throws Fault what a validator refuses it with: a hint, from anybody */
  submit(encoded: Uint8Array): Promise<"final" | "waiting"> {
    const { chain, clock, send } = this.#deps;
    const hash = formatHex(leafHash(chain.suite.hash, encoded));
    return new Promise((resolve, reject) => {
      const cancel = clock.schedule(WAIT_MS, () => settle("waiting"));
      const settle: Settle = (outcome) => {
        cancel();
        this.#waiting.delete(hash);
        if (outcome instanceof Fault) reject(outcome);
        else resolve(outcome);
      };
      this.#waiting.set(hash, settle);
      send(encodeTransactions([encoded]));
    });
  }

  /** Proven by a receipt. */
  onFinal(txHash: Uint8Array): void {
    this.#waiting.get(formatHex(txHash))?.("final");
  }

  onRefusal(bytes: Uint8Array): void {
    if (this.#waiting.size === 0) return;
    try {
      const { txHash, code, detail } = decodeRefusal(bytes);
      this.#waiting.get(formatHex(txHash))?.(new Fault(code, detail));
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
    }
  }

  /** Whoever waits hears that it is not final yet. */
  stop(): void {
    for (const settle of [...this.#waiting.values()]) settle("waiting");
  }
}
