import type { Fault, FaultCode } from "@gridledger/protocol/faults";

const FIRST_REST_MS = 5_000;
const MAX_REST_MS = 300_000;
/** Statuses come from known identities only; more than this many of them are not needed. */
const MAX_PEERS = 256;

interface Peer {
  /** Height it says it has; costs no more than a request when it lies. */
  height: number;
  /** The lowest block it can give, as it says itself. */
  firstHeight: number;
  /** Asked only for what nobody else has: it serves everybody. */
  isArchive: boolean;
  failures: number;
  restsUntilMs: number;
  /** What its last answers came at; untried peers stand in front. */
  bytesPerMs: number;
}

interface SyncPeersDeps {
  /** Monotonic time in ms. */
  readonly clock: () => number;
  /** A peer is set aside for so long. */
  readonly onSetAside: (peer: string, fault: Fault, restMs: number) => void;
}

/** Who can be asked for blocks, what they said they have, and who is set aside for what they did. */
export class SyncPeers {
  readonly #deps: SyncPeersDeps;
  readonly #peers = new Map<string, Peer>();
  readonly #faults = new Map<FaultCode, number>();

  constructor(deps: SyncPeersDeps) {
    this.#deps = deps;
  }

  /** How often a peer was set aside, by code. */
  get faults(): ReadonlyMap<FaultCode, number> {
    return this.#faults;
  }

  /** A peer says that it has blocks up to this height. */
  hint(name: string, height: number, isArchive = false): void {
    const known = this.#peers.get(name);
    if (known !== undefined) {
      known.height = height;
      known.isArchive ||= isArchive;
    } else if (this.#peers.size < MAX_PEERS) {
      const fresh = { firstHeight: 1, failures: 0, restsUntilMs: 0, bytesPerMs: Infinity };
      this.#peers.set(name, { height, isArchive, ...fresh });
    }
  }

  /** It has pruned what stands below. */
  onPruned(name: string, firstHeight: number): void {
    const peer = this.#peers.get(name);
    if (peer !== undefined) peer.firstHeight = firstHeight;
  }

  onAnswer(name: string, bytes: number, tookMs: number): void {
    const peer = this.#peers.get(name);
    if (peer === undefined) return;
    const now = bytes / Math.max(1, tookMs);
    peer.bytesPerMs = peer.bytesPerMs === Infinity ? now : (peer.bytesPerMs + now) / 2;
  }

  /** What it gave has become part of the chain. */
  onGood(name: string): void {
    const peer = this.#peers.get(name);
    if (peer !== undefined) peer.failures = 0;
  }

  setAside(name: string, fault: Fault): void {
    const peer = this.#peers.get(name);
    if (peer === undefined) return;
    const restMs = Math.min(MAX_REST_MS, FIRST_REST_MS * 2 ** peer.failures);
    peer.failures++;
    peer.restsUntilMs = this.#deps.clock() + restMs;
    this.#faults.set(fault.code, (this.#faults.get(fault.code) ?? 0) + 1);
    this.#deps.onSetAside(name, fault, restMs);
  }

  /** The highest height that somebody claims who may be asked. */
  get highest(): number {
    const nowMs = this.#deps.clock();
    let highest = 0;
    for (const { height, restsUntilMs } of this.#peers.values()) {
      if (restsUntilMs <= nowMs) highest = Math.max(highest, height);
    }
    return highest;
  }

  heightOf(name: string): number {
    return this.#peers.get(name)?.height ?? 0;
  }

  /** Who is best asked for this height now: not set aside, not busy, the fastest; an archive last. */
  choose(height: number, isBusy: (name: string) => boolean): string | undefined {
    const nowMs = this.#deps.clock();
    let best: string | undefined;
    let bestRank = Number.NEGATIVE_INFINITY;
    for (const [name, peer] of this.#peers) {
      if (!has(peer, height) || peer.restsUntilMs > nowMs || isBusy(name)) continue;
      const rank = peer.isArchive ? -1 : peer.bytesPerMs;
      if (rank > bestRank) [best, bestRank] = [name, rank];
    }
    return best;
  }

  /** Ms until somebody who has this height may be asked again; undefined where nobody has it. */
  waitMs(height: number): number | undefined {
    let wait: number | undefined;
    for (const peer of this.#peers.values()) {
      if (!has(peer, height)) continue;
      const ms = Math.max(0, peer.restsUntilMs - this.#deps.clock());
      wait = Math.min(wait ?? ms, ms);
    }
    return wait;
  }
}

function has({ height, firstHeight }: Peer, wanted: number): boolean {
  return height >= wanted && firstHeight <= wanted;
}
