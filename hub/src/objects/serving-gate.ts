import { Fault } from "@gridledger/protocol/faults";

/** Behind by no more than what may just be on its way to the disk. */
const SYNCED_BLOCKS = 5;

interface GateDeps {
  readonly index: {
    readonly blocksBehind: number;
    nodes(): readonly { readonly online: boolean }[];
  };
}

/**
 * Shut from the start of the hub until it has heard of the chain and caught up with it: a replica that
 * was away must not give out what was erased meanwhile (guide §9.1 b). Open, it stays so: a chain that
 * cannot be reached later has decided nothing that anybody here could know.
 */
export class ServingGate {
  readonly #deps: GateDeps;
  #isOpen = false;

  constructor(deps: GateDeps) {
    this.#deps = deps;
  }

  /** @throws Fault NOT_READY */
  check(): void {
    const { index } = this.#deps;
    const isHeard = index.nodes().some(({ online }) => online);
    if (isHeard && index.blocksBehind <= SYNCED_BLOCKS) this.#isOpen = true;
    if (this.#isOpen) return;
    throw new Fault("NOT_READY", "objects are given out when the hub has caught up with the chain");
  }
}
