/** The way to the network; `@gridledger/edge-node/mqtt-link` is one. It may lose, repeat and reorder. */
export interface Uplink {
  start(): void;
  stop(): Promise<void>;
  /** False when nothing was sent; nothing is kept for later. */
  publish(topic: string, bytes: Uint8Array): boolean;
  subscribe(filter: string, handler: (topic: string, bytes: Uint8Array) => void): void;
  /** Calls back when the connection is ready (true) and when it is lost (false). */
  onState(callback: (connected: boolean) => void): void;
}
