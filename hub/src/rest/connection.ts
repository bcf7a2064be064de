import type { Context } from "hono";
import type { CertificateSource } from "../tls/client-certificates.ts";

interface PeerSocket extends Partial<CertificateSource> {
  readonly remoteAddress?: string;
}

interface NodeBindings {
  readonly incoming?: { readonly socket?: PeerSocket };
  readonly outgoing?: { destroy(): void };
}

/** Ends the connection without a word; undefined in tests without a socket. */
export function dropOf(context: Context): (() => void) | undefined {
  const { outgoing } = (context.env ?? {}) as NodeBindings;
  return outgoing && (() => outgoing.destroy());
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
