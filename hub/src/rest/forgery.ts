import { timingSafeEqual } from "node:crypto";
import { Fault } from "@gridledger/protocol/faults";
import type { Context } from "hono";
import type { Caller } from "./caller.ts";

/**
 * A request that changes something and carries a session's cookie must also carry what only a page of
 * ours can know. @throws Fault CSRF_INVALID
 */
export function checkForgery(context: Context, { session }: Pick<Caller, "session">): void {
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
