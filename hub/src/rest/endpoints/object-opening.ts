import { formatHex } from "@gridledger/protocol/hex";
import type { ObjectReader } from "../../objects/object-reader.ts";
import type { Endpoint } from "../endpoint.ts";
import { type ObjectDeps, readableObject } from "../object-view.ts";

interface Deps extends ObjectDeps {
  readonly objectReader: Pick<ObjectReader, "payloadOf">;
}

/** Who may read the bytes may know the salts of all of them. */
export function objectOpening(deps: Deps): Endpoint<"objectOpening"> {
  return async ({ params, caller }) => {
    const { manifest, txHash } = await readableObject(deps, caller, params.object);
    const { secret, leaves } = await deps.objectReader.payloadOf(manifest);
    return {
      root: formatHex(manifest.root),
      transaction: formatHex(txHash),
      secret: formatHex(secret),
      leaves: Buffer.from(leaves).toString("base64url"),
    };
  };
}
