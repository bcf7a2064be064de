import type { Signer } from "@gridledger/protocol/crypto/suite";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { encodeStatus } from "@gridledger/protocol/messages/status";
import { encodeTelemetry, type Telemetry } from "@gridledger/protocol/messages/telemetry";
import type { Head } from "../chain/head.ts";
import { Heartbeat } from "./heartbeat.ts";

interface BeaconsDeps {
  readonly chain: Chain;
  readonly signer: Signer;
  readonly head: () => Head;
  /** Resolves when the head is on disk. */
  readonly headStored: () => Promise<void>;
  /** Round in which this node last signed. */
  readonly round: () => number;
  readonly pool: { readonly size: number };
  readonly measure: () => Promise<Telemetry>;
  readonly bus: {
    status(bytes: Uint8Array): boolean;
    telemetry(bytes: Uint8Array): boolean;
  };
  readonly isActive: () => boolean;
  /** Unix time in ms. */
  readonly now: () => number;
  /** Monotonic time in ms. */
  readonly clock: () => number;
  readonly log: { warn(data: object, message: string): void };
}

/** What a node says of itself without being asked: its signed status and its telemetry. */
export class Beacons {
  readonly #deps: BeaconsDeps;
  readonly #bootId: Uint8Array;
  readonly #status: Heartbeat;
  readonly #telemetry: Heartbeat;

  constructor(deps: BeaconsDeps, bootId: Uint8Array) {
    this.#deps = deps;
    this.#bootId = bootId;
    const { isActive, clock } = deps;
    this.#status = new Heartbeat({ isActive, clock, beat: () => void this.#sendStatus() });
    this.#telemetry = new Heartbeat({ isActive, clock, beat: () => void this.#sendTelemetry() });
  }

  start(): void {
    this.#status.start();
    this.#telemetry.start();
  }

  stop(): void {
    this.#status.stop();
    this.#telemetry.stop();
  }

  /** Everything now: this node has just come. */
  onConnected(): void {
    this.#status.soon();
    // Not "soon": what was said just before went nowhere.
    this.#telemetry.now();
  }

  statusSoon(): void {
    this.#status.soon();
  }

  telemetryNow(): void {
    this.#telemetry.now();
  }

  /** Says nothing of a block that a loss of power could still take away. */
  async #sendStatus(): Promise<void> {
    const { chain, signer, head, headStored, round, pool, bus, now } = this.#deps;
    const { height, hash } = head();
    await headStored();
    const status = {
      height,
      headHash: hash,
      round: round(),
      bootId: this.#bootId,
      poolSize: pool.size,
      timeMs: now(),
    };
    bus.status(encodeStatus(chain.suite, signer, chain.chainId, status));
  }

  async #sendTelemetry(): Promise<void> {
    const { measure, bus, log } = this.#deps;
    try {
      bus.telemetry(encodeTelemetry(await measure()));
    } catch (error) {
      log.warn({ error }, "telemetry: cannot measure");
    }
  }
}
