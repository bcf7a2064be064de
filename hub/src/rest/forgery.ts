import { timingSafeEqual } from "node:crypto";
import { Fault } from "@gridledger/protocol/faults";
import type { Context } from "hono";
import type { Caller } from "./caller.ts";

/**
 * A request that changes something and carries a session's cookie must also carry what only a page of
 * ours can know. A certificate needs no token, but browsers show it by themselves: nothing but a page of
 * this very origin may use it. @throws Fault CSRF_INVALID
 */
export function checkForgery(
  context: Context,
  { session, isCertified }: Pick<Caller, "session" | "isCertified">,
): void {
  const origin = context.req.header("origin");
  if (origin !== undefined && origin !== new URL(context.req.url).origin) {
    // Behind a TLS proxy the scheme differs; the host may not. With a certificate there is no proxy.
    const host = URL.canParse(origin) ? new URL(origin).host : "";
    if (isCertified || host !== new URL(context.req.url).host) {
      throw new Fault("CSRF_INVALID", "the request comes from another site");
    }
  }
  const site = context.req.header("sec-fetch-site") ?? "none";
  if (isCertified && !["same-origin", "none"].includes(site)) {
    throw new Fault("CSRF_INVALID", "the request comes from another site");
  }
  if (session === undefined) return;
  const given = Buffer.from(context.req.header("x-csrf-token") ?? "");
  const right = Buffer.from(session.csrfToken);
  if (given.length !== right.length || !timingSafeEqual(given, right)) {
    throw new Fault("CSRF_INVALID", "the X-CSRF-Token header is missing or wrong");
  }
}
