import { formatHex } from "@gridledger/protocol/hex";
import type { ObjectReader } from "../../objects/object-reader.ts";
import { parseRange } from "../byte-range.ts";
import type { Endpoint } from "../endpoint.ts";
import { type ObjectDeps, readableObject } from "../object-view.ts";

interface Deps extends ObjectDeps {
  readonly objectReader: Pick<ObjectReader, "stream">;
}

/**
 * Always as plain bytes to save: what somebody put must never run as a page or a script of the console.
 */
export function objectData(deps: Deps): Endpoint<"objectData"> {
  return async ({ params, caller, header, reply }) => {
    const { manifest } = await readableObject(deps, caller, params.object);
    const { sizeBytes, root, name } = manifest;
    const tag = `"${formatHex(root)}"`;
    // RFC 9110 §13.1.5: a range of something else is no use.
    const ifRange = header("if-range");
    const asked = ifRange === undefined || ifRange === tag ? header("range") : undefined;
    const range = asked === undefined ? undefined : parseRange(asked, sizeBytes);
    const { from, to } = range ?? { from: 0, to: sizeBytes };
    const body = await deps.objectReader.stream(manifest, { from, to });
    reply.stream({
      status: range === undefined ? 200 : 206,
      headers: {
        ...{ "content-type": "application/octet-stream", "accept-ranges": "bytes", etag: tag },
        ...{ "content-length": String(to - from) },
        "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
        ...(range && { "content-range": `bytes ${from}-${to - 1}/${sizeBytes}` }),
      },
      body,
    });
    return null;
  };
}
