import { Fault } from "@gridledger/protocol/faults";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly outbox: Pick<Outbox, "submit">;
}

/** 202: on the hub's disk and on its way · 200: final. */
export function submitTransaction({ outbox }: Deps): Endpoint<"submitTransaction"> {
  return async ({ body, query, reply }) => {
    const encoded = Buffer.from(body.transaction, "base64url");
    if (encoded.length === 0) throw new Fault("REQUEST_INVALID", "transaction: not base64url");
    const submitted = await outbox.submit(encoded, query.waitMs);
    reply.status(submitted.state === "final" ? 200 : 202);
    return submitted;
  };
}
