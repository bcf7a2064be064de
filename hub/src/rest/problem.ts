import type { Problem } from "@gridledger/protocol/api/contract";
import { type Fault, faultTable } from "@gridledger/protocol/faults";

const INTERNAL_STATUS = 500;

/** The HTTP status of a fault. */
export function statusOf(fault: Fault): number {
  return faultTable[fault.code]?.status ?? INTERNAL_STATUS;
}

/**
 * RFC 9457 problem details. Of what went wrong inside nothing is told but the code and its sentence:
 * paths and causes are for the log.
 */
export function problemResponse(fault: Fault): Response {
  const { en = fault.code, zh = fault.code } = faultTable[fault.code] ?? {};
  const status = statusOf(fault);
  const isInternal = status === INTERNAL_STATUS;
  const problem: Problem & { data?: unknown } = {
    type: `urn:gridledger:fault:${fault.code}`,
    title: en,
    titleZh: zh,
    status,
    code: fault.code,
    detail: isInternal ? en : fault.message,
    ...(isInternal || Object.keys(fault.data).length === 0 ? {} : { data: fault.data }),
  };
  const headers = new Headers({ "content-type": "application/problem+json" });
  headers.set("cache-control", "no-store");
  const { retryAfterS, allow, contentRange } = fault.data;
  if (retryAfterS !== undefined) headers.set("retry-after", String(retryAfterS));
  if (allow !== undefined) headers.set("allow", String(allow));
  if (contentRange !== undefined) headers.set("content-range", String(contentRange));
  return new Response(JSON.stringify(problem), { status, headers });
}
