import type { ObjectDesk } from "../../objects/object-desk.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly objectDesk: Pick<ObjectDesk, "putChunks">;
}

export function putChunk({ objectDesk }: Deps): Endpoint<"putChunk"> {
  return async ({ params: { object, index }, pieces }) => {
    const chunks = await objectDesk.putChunks(Buffer.from(object, "hex"), index, pieces);
    return { index, chunks };
  };
}
