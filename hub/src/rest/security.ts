import { Fault } from "@gridledger/protocol/faults";
import type { MiddlewareHandler } from "hono";

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

const policy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");
/** Swagger UI writes style attributes. */
const docsPolicy = `${policy}; style-src 'self' 'unsafe-inline'`;

/** One file with everything in it; its own policy, by hashes, is stricter than this one (`hub/build/verifier`). */
const verifierPolicy = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "worker-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** On every answer, refusals included. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  headers.set("content-security-policy", policyOf(context.req.path));
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  headers.set("x-frame-options", "DENY");
  headers.set("cross-origin-resource-policy", "same-origin");
  if (new URL(context.req.url).protocol === "https:") {
    headers.set("strict-transport-security", "max-age=31536000");
  }
};

function policyOf(path: string): string {
  if (path === "/verify.html") return verifierPolicy;
  return path === "/docs" || path.startsWith("/docs/") ? docsPolicy : policy;
}

/**
 * A page of any site can point its own name at 127.0.0.1 and then reads a hub on loopback as its own
 * origin (DNS rebinding); the Host header still holds that name.
 */
export const refuseForeignHosts: MiddlewareHandler = async (context, next) => {
  const { hostname } = new URL(context.req.url);
  if (!(loopbackNames.has(hostname) || isLoopback(hostname))) {
    throw new Fault("HOST_FOREIGN", `this hub answers on loopback only, not as "${hostname}"`);
  }
  await next();
};
