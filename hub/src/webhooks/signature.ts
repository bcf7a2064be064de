import { createHmac } from "node:crypto";

const PREFIX = "whsec_";

/** The secret as its owner gets it, once. */
export function formatSecret(secret: Uint8Array): string {
  return PREFIX + Buffer.from(secret).toString("base64");
}

export interface SignedEvent {
  /** The same for every try, so that a receiver knows what it has seen. */
  readonly id: string;
  readonly timeMs: number;
  readonly body: string;
}

/** Headers of Standard Webhooks 1.0: HMAC-SHA-256 over `id.seconds.body`. */
export function signedHeaders(secret: Uint8Array, { id, timeMs, body }: SignedEvent) {
  const seconds = String(Math.floor(timeMs / 1_000));
  const mac = createHmac("sha256", secret).update(`${id}.${seconds}.${body}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": seconds,
    "webhook-signature": `v1,${mac}`,
  };
}
