/**
 * The network as the hub's rooms see it: the embedded broker, or a client of another one. It may
 * drop, delay, repeat, reorder and forge; whoever reads from it verifies.
 */
export interface Bus {
  publish(topic: string, payload: Uint8Array): void;
  /** `filter` is an MQTT topic filter; a subscription lasts as long as the bus. */
  subscribe(filter: string, handler: (topic: string, payload: Uint8Array) => void): void;
}
