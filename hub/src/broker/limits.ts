/** What the broker accepts before it refuses. Sizes in bytes, times in ms. */
export interface BrokerLimits {
  /** All bytes of a connection until its CONNECT is accepted. */
  readonly maxConnectBytes: number;
  /** Remaining length of a PUBLISH: topic and payload. */
  readonly maxPublishBytes: number;
  /** Remaining length of every other packet. */
  readonly maxControlBytes: number;
  readonly connectTimeoutMs: number;
  /** How long a client that may only renew stays; then it comes again with what it has. */
  readonly renewalMs: number;
  readonly maxKeepaliveSeconds: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxSubscriptionsPerClient: number;
  /** Age of a connect token, in the past or the future. */
  readonly tokenWindowMs: number;
  /** Sustained rates of one client; a second's worth may come at once. */
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Nothing more is forwarded to a subscriber that has this much unread. */
  readonly maxSubscriberBacklogBytes: number;
  /** How long publishers wait for a subscriber whose socket is full. */
  readonly drainPatienceMs: number;
  /** A subscriber whose socket stays full this long is disconnected. */
  readonly drainTimeoutMs: number;
}

export const defaultLimits: BrokerLimits = {
  maxConnectBytes: 8 * 1024,
  maxPublishBytes: 512 * 1024 + 128, // a 512 KiB message under the longest topic
  maxControlBytes: 8 * 1024,
  connectTimeoutMs: 5_000,
  renewalMs: 90_000,
  maxKeepaliveSeconds: 600,
  maxConnections: 4_096,
  maxConnectionsPerAddress: 512,
  maxSubscriptionsPerClient: 64,
  tokenWindowMs: 10 * 60_000,
  messagesPerSecond: 20_000,
  bytesPerSecond: 64 * 1024 * 1024,
  maxSubscriberBacklogBytes: 1024 * 1024, // more than one message, so that a vote passes behind a block
  drainPatienceMs: 50,
  drainTimeoutMs: 10_000,
};
