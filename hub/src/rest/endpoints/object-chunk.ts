import { formatHex } from "@gridledger/protocol/hex";
import type { ObjectReader } from "../../objects/object-reader.ts";
import type { Endpoint } from "../endpoint.ts";
import { type ObjectDeps, readableObject } from "../object-view.ts";

interface Deps extends ObjectDeps {
  readonly objectReader: Pick<ObjectReader, "chunk">;
}

export function objectChunk(deps: Deps): Endpoint<"objectChunk"> {
  return async ({ params, caller }) => {
    const { manifest } = await readableObject(deps, caller, params.object);
    const { index, salt, bytes, path } = await deps.objectReader.chunk(manifest, params.index);
    return {
      root: formatHex(manifest.root),
      index,
      salt: formatHex(salt),
      path: path.map(formatHex),
      bytes: Buffer.from(bytes).toString("base64url"),
    };
  };
}
