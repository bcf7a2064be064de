import type { Context } from "hono";

interface NodeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
  readonly outgoing?: { destroy(): void };
}

/** Ends the connection without a word; undefined in tests without a socket. */
export function dropOf(context: Context): (() => void) | undefined {
  const { outgoing } = (context.env ?? {}) as NodeBindings;
  return outgoing && (() => outgoing.destroy());
}

/** The peer's address; in tests without a socket "local". */
export function addressOf(context: Context): string {
  const { incoming } = (context.env ?? {}) as NodeBindings;
  return incoming?.socket?.remoteAddress ?? "local";
}
