import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { EnrolmentCode } from "../../ca/tables/code-table.ts";
import type { CaDeps } from "../ca-deps.ts";
import type { Endpoint } from "../endpoint.ts";

type Summary = RouteAnswer<"enrolmentCodes">["items"][number];

function stateOf({ request, attemptsLeft, expiresMs }: EnrolmentCode, nowMs: number) {
  if (request !== null) return "used";
  if (attemptsLeft <= 0) return "locked";
  return expiresMs < nowMs ? "expired" : "open";
}

export function enrolmentCodes({ ca, now }: CaDeps): Endpoint<"enrolmentCodes"> {
  return async ({ query: { limit } }) => {
    const codes = await ca().codes.list(limit);
    const items = codes.map((code): Summary => {
      const { id, authority, name, role, createdBy, createdMs, expiresMs } = code;
      const state = stateOf(code, now());
      return { id, authority, name, role, createdBy, createdMs, expiresMs, state };
    });
    return { items };
  };
}

export function createEnrolmentCode({ ca }: CaDeps): Endpoint<"createEnrolmentCode"> {
  return async ({ body, caller }) => {
    const { name, role, attributes, hours } = body;
    const { authorities, codes } = ca();
    const authority = authorities.find(body.authority).id;
    const order = { authority, name, role, hours, attributes: new Map(Object.entries(attributes)) };
    return { ...(await codes.create(order, caller.subject.name)), name, role };
  };
}
