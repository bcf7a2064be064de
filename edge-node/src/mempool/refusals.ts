import type { Fault, FaultCode } from "@gridledger/protocol/faults";

const PER_SECOND = 50;
const PER_SECOND_AND_RECEIVER = 20;

interface RefusalsDeps {
  /** Unix time in ms. */
  readonly now: () => number;
  readonly send: (receiver: string, encoded: Uint8Array, fault: Fault) => void;
}

/** Tells senders why their transactions were not taken, within limits; counts all by code. */
export class Refusals {
  readonly #deps: RefusalsDeps;
  readonly #counters = new Map<FaultCode, number>();
  readonly #sent = new Map<string, number>();
  #sentInAll = 0;
  #second = 0;

  constructor(deps: RefusalsDeps) {
    this.#deps = deps;
  }

  get counters(): ReadonlyMap<FaultCode, number> {
    return this.#counters;
  }

  refuse(receiver: string, encoded: Uint8Array, fault: Fault): void {
    this.#counters.set(fault.code, (this.#counters.get(fault.code) ?? 0) + 1);
    if (this.#mayTell(receiver)) this.#deps.send(receiver, encoded, fault);
  }

  #mayTell(receiver: string): boolean {
    const second = Math.floor(this.#deps.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#sent.clear();
      this.#sentInAll = 0;
    }
    const sent = this.#sent.get(receiver) ?? 0;
    if (sent >= PER_SECOND_AND_RECEIVER || this.#sentInAll >= PER_SECOND) return false;
    this.#sent.set(receiver, sent + 1);
    this.#sentInAll++;
    return true;
  }
}
