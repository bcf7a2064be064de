import { formatHex } from "@gridledger/protocol/hex";
import type { ObjectDesk } from "../../objects/object-desk.ts";
import type { Endpoint } from "../endpoint.ts";
import { runsOf } from "../object-view.ts";

interface Deps {
  readonly objectDesk: Pick<ObjectDesk, "begin">;
}

export function putObject({ objectDesk }: Deps): Endpoint<"putObject"> {
  return async ({ body }) => {
    const { manifest, missing } = await objectDesk.begin({
      transaction: Buffer.from(body.transaction, "base64url"),
      secret: Buffer.from(body.secret, "hex"),
      leaves: Buffer.from(body.leaves, "base64url"),
    });
    return { root: formatHex(manifest.root), missing: runsOf(missing) };
  };
}
