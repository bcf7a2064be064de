import { timingSafeEqual } from "node:crypto";
import type { Access, RouteName } from "@gridledger/protocol/api/paths";
import { Fault } from "@gridledger/protocol/faults";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { SignedIn } from "../identity/login.ts";

export const SESSION_COOKIE = "gl_session";
const TOKEN_CHARACTERS = 43;

/** Who calls. */
export interface Caller {
  readonly address: string;
  readonly session: SignedIn | undefined;
  readonly access: Access;
}

interface CallerDeps {
  readonly findSession: (token: string) => Promise<SignedIn | undefined>;
  /** Whether anybody may read ledger data. */
  readonly anonymousReads: boolean;
}

export class Callers {
  readonly #deps: CallerDeps;

  constructor(deps: CallerDeps) {
    this.#deps = deps;
  }

  async of(context: Context): Promise<Caller> {
    const { anonymousReads, findSession } = this.#deps;
    const token = getCookie(context, SESSION_COOKIE);
    const session = token?.length === TOKEN_CHARACTERS ? await findSession(token) : undefined;
    const access = session ? "operator" : anonymousReads ? "reader" : "public";
    return { address: addressOf(context), session, access };
  }
}

/** @throws Fault NOT_SIGNED_IN, FORBIDDEN */
export function checkAccess(route: RouteName | "stream", needed: Access, caller: Caller): void {
  if (needed === "public") return;
  if (needed === "reader" && caller.access !== "public") return;
  if (caller.session === undefined) throw new Fault("NOT_SIGNED_IN");
  // The one-time password stands in a log of the terminal: it opens nothing but the change.
  if (needed === "operator" && caller.session.mustChangePassword && route !== "changePassword") {
    throw new Fault("FORBIDDEN", "choose a password of your own first");
  }
}

/**
 * A request that changes something and carries a session's cookie must also carry what only a page of
 * ours can know. @throws Fault CSRF_INVALID
 */
export function checkForgery(context: Context, { session }: Caller): void {
  const origin = context.req.header("origin");
  if (origin !== undefined && origin !== new URL(context.req.url).origin) {
    // Behind a TLS proxy the scheme differs; the host may not.
    const host = URL.canParse(origin) ? new URL(origin).host : "";
    if (host !== new URL(context.req.url).host) {
      throw new Fault("CSRF_INVALID", "the request comes from another site");
    }
  }
  if (session === undefined) return;
  const given = Buffer.from(context.req.header("x-csrf-token") ?? "");
  const right = Buffer.from(session.csrfToken);
  if (given.length !== right.length || !timingSafeEqual(given, right)) {
    throw new Fault("CSRF_INVALID", "the X-CSRF-Token header is missing or wrong");
  }
}

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
function addressOf(context: Context): string {
  const { incoming } = (context.env ?? {}) as NodeBindings;
  return incoming?.socket?.remoteAddress ?? "local";
}
