import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import type { CertificateSource } from "../tls/client-certificates.ts";

interface PeerSocket extends Partial<CertificateSource> {
  readonly remoteAddress?: string;
}

interface NodeBindings {
  readonly incoming?: IncomingMessage & { readonly socket?: PeerSocket };
  readonly outgoing?: { destroy(): void };
}

/** Ends the connection without a word; undefined in tests without a socket. */
export function dropOf(context: Context): (() => void) | undefined {
  const { outgoing } = (context.env ?? {}) as NodeBindings;
  return outgoing && (() => outgoing.destroy());
}

/** The request's body as it comes from the socket; in tests without one, of the request. */
export function bodyOf(context: Context): AsyncIterable<Uint8Array> {
  const { incoming } = (context.env ?? {}) as NodeBindings;
  // A refusal in the middle must still reach the peer: what is left is not the end of the socket.
  if (incoming !== undefined) return incoming.iterator({ destroyOnReturn: false });
  return context.req.raw.body ?? new Blob([]).stream();
}

/** Where the peer's certificate can be asked for; undefined in the clear. */
export function certificateSourceOf(context: Context): CertificateSource | undefined {
  const { incoming } = (context.env ?? {}) as NodeBindings;
  const socket = incoming?.socket;
  return socket?.getPeerX509Certificate && (socket as CertificateSource);
}

/** The peer's address; in tests without a socket "local". */
export function addressOf(context: Context): string {
  const { incoming } = (context.env ?? {}) as NodeBindings;
  return incoming?.socket?.remoteAddress ?? "local";
}
