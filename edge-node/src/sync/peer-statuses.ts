import { asFault, type Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { identities } from "@gridledger/protocol/ledger/state";
import { type Status, verifyStatus } from "@gridledger/protocol/messages/status";
import type { StateReader } from "../state/state-view.ts";

interface PeerStatusesDeps {
  readonly chain: Chain;
  readonly state: () => StateReader;
  readonly onStatus: (publisher: string, status: Status) => void;
  /** This node's own status came back. */
  readonly onEcho: (status: Status) => void;
  /** This node's key signs somewhere else too. */
  readonly onOwnKeyElsewhere: () => void;
  readonly onInvalid: (publisher: string, fault: Fault) => void;
}

interface PeerStatusesOptions {
  readonly ownId: Uint8Array;
  readonly bootId: Uint8Array;
  /** Unix time of this start in ms. */
  readonly startedMs: number;
}

/** Statuses of others, believed only with the signature of the identity in their topic. */
export class PeerStatuses {
  readonly #deps: PeerStatusesDeps;
  readonly #options: PeerStatusesOptions;
  readonly #newest = new Map<string, Status>();

  constructor(deps: PeerStatusesDeps, options: PeerStatusesOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** The last one of each that was heard, by identity id in hex. */
  get newest(): ReadonlyMap<string, Status> {
    return this.#newest;
  }

  onMessage(publisher: string, bytes: Uint8Array): void {
    const { chain, state, onInvalid } = this.#deps;
    const id = Buffer.from(publisher, "hex");
    const identity = state().get(identities, id);
    if (identity === undefined) return;
    let status: Status;
    try {
      status = verifyStatus(chain.suite, identity.publicKey, chain.chainId, bytes);
    } catch (thrown) {
      onInvalid(publisher, asFault(thrown));
      return;
    }
    if (publisher === formatHex(this.#options.ownId)) this.#onOwn(status);
    else this.#onPeer(publisher, status);
  }

  #onOwn(status: Status): void {
    const { bootId, startedMs } = this.#options;
    if (equalBytes(status.bootId, bootId)) this.#deps.onEcho(status);
    // One from before this start is the last process's, held back or replayed by a broker.
    else if (status.timeMs > startedMs) this.#deps.onOwnKeyElsewhere();
  }

  #onPeer(publisher: string, status: Status): void {
    const last = this.#newest.get(publisher);
    const isSameBoot = last !== undefined && equalBytes(last.bootId, status.bootId);
    if (isSameBoot && status.timeMs <= last.timeMs) return;
    this.#newest.set(publisher, status);
    this.#deps.onStatus(publisher, status);
  }
}
