import { formatHex } from "@gridledger/protocol/hex";
import type { ObjectDesk } from "../../objects/object-desk.ts";
import type { Endpoint } from "../endpoint.ts";
import { addressOf, type ObjectDeps } from "../object-view.ts";

interface Deps extends Pick<ObjectDeps, "chain" | "index"> {
  readonly objectDesk: Pick<ObjectDesk, "commit">;
}

/** 202: everything on the hub's disk and on its way · 200: final. */
export function commitObject({ chain, index, objectDesk }: Deps): Endpoint<"commitObject"> {
  return async ({ params, query, body, reply }) => {
    const root = Buffer.from(params.object, "hex");
    const renewed = body.transaction && Buffer.from(body.transaction, "base64url");
    const committed = await objectDesk.commit(root, renewed || undefined, query.waitMs);
    const final = committed.state === "final" ? await index.objects.byRoot(root) : undefined;
    reply.status(committed.state === "final" ? 200 : 202);
    return {
      root: formatHex(root),
      transaction: committed.hash,
      state: committed.state,
      receipt: Buffer.from(committed.receipt).toString("base64url"),
      address: final ? addressOf(chain, final) : null,
    };
  };
}
