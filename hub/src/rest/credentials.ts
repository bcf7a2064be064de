import { Fault } from "@gridledger/protocol/faults";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";

export const SESSION_COOKIE = "gl_session";
const COOKIE_CHARACTERS = 43;
const BEARER = /^bearer +(gl[ts]_[A-Za-z0-9_-]{43})$/i;
const tokenNames: ReadonlySet<string> = new Set(["access_token", "token", "api_key", "apikey"]);

/** What a request shows to say who sends it: at most one of both. */
interface Credentials {
  readonly cookie?: string;
  readonly bearer?: string;
}

/** @throws Fault TOKEN_INVALID, TOKEN_IN_ADDRESS, REQUEST_INVALID where two are shown */
export function credentialsOf(context: Context): Credentials {
  refuseInAddress(context);
  const cookie = getCookie(context, SESSION_COOKIE);
  const given = context.req.header("authorization");
  // Other schemes are those of a proxy before the hub.
  if (given === undefined || !/^bearer\b/i.test(given)) {
    return cookie?.length === COOKIE_CHARACTERS ? { cookie } : {};
  }
  const bearer = BEARER.exec(given)?.[1];
  if (bearer === undefined) throw new Fault("TOKEN_INVALID");
  if (cookie !== undefined) {
    throw new Fault("REQUEST_INVALID", "send a token or a session's cookie, not both");
  }
  return { bearer };
}

/** Addresses stand in logs, histories and Referer headers. */
function refuseInAddress(context: Context): void {
  const { searchParams } = new URL(context.req.url);
  for (const [name, value] of searchParams) {
    const isToken = /^gl[ts]_/.test(value) || tokenNames.has(name.toLowerCase());
    if (isToken) throw new Fault("TOKEN_IN_ADDRESS");
  }
}
