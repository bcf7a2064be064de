import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { formatPem } from "@gridledger/protocol/pki/pem";
import { verifyRequest } from "@gridledger/protocol/pki/request";
import type { CertificateAuthority } from "../../ca/certificate-authority.ts";
import type { PendingRequest } from "../../ca/tables/request-table.ts";
import type { CaDeps } from "../ca-deps.ts";
import type { Endpoint } from "../endpoint.ts";
import { chainOf } from "./certificates.ts";

function summary(
  ca: Pick<CertificateAuthority, "identityOf">,
  request: PendingRequest,
): RouteAnswer<"certificateRequests">["items"][number] {
  const { id, authority, name, role, askedBy, state, createdMs, decidedBy, decidedMs } = request;
  const { key } = verifyRequest(request.signing);
  return {
    ...{ id, authority, name, role, askedBy, state, createdMs, decidedBy, decidedMs },
    attributes: Object.fromEntries(request.attributes),
    hasEncryption: request.encryption !== null,
    identity: ca.identityOf(key.publicKey),
    detail: request.detail,
    serials: [...request.serials],
  };
}

async function answer({ ca }: CaDeps, id: string): Promise<RouteAnswer<"certificateRequest">> {
  const authority = ca();
  const request = await authority.desk.find(id);
  if (request === undefined) throw new Fault("NOT_FOUND", "there is no such request");
  const certificates: string[] = [];
  for (const serial of request.serials) {
    const issued = await authority.certificates.find(serial);
    if (issued !== undefined) certificates.push(formatPem("CERTIFICATE", issued.encoded));
  }
  return {
    ...summary(authority, request),
    certificates,
    chain: chainOf(authority, request.authority),
  };
}

export function requests({ ca }: CaDeps): Endpoint<"certificateRequests"> {
  return async ({ query: { state, limit } }) => {
    const authority = ca();
    const found = await authority.desk.list(state, limit);
    return { items: found.map((request) => summary(authority, request)) };
  };
}

export function submitRequest(deps: CaDeps): Endpoint<"submitCertificateRequest"> {
  return async ({ body }) => {
    const { id } = await deps.ca().desk.submit(body);
    return answer(deps, id);
  };
}

export function request(deps: CaDeps): Endpoint<"certificateRequest"> {
  return ({ params: { id } }) => answer(deps, id);
}

export function approveRequest(deps: CaDeps): Endpoint<"approveCertificateRequest"> {
  return async ({ params: { id }, caller }) => {
    await deps.ca().approve(id, caller.subject.name);
    return answer(deps, id);
  };
}

export function rejectRequest(deps: CaDeps): Endpoint<"rejectCertificateRequest"> {
  return async ({ params: { id }, body: { detail }, caller }) => {
    await deps.ca().desk.reject(id, caller.subject.name, detail);
    return answer(deps, id);
  };
}
