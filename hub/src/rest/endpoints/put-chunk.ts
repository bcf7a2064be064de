import type { ObjectDesk } from "../../objects/object-desk.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly objectDesk: Pick<ObjectDesk, "putChunk">;
}

export function putChunk({ objectDesk }: Deps): Endpoint<"putChunk"> {
  return async ({ params: { object, index }, raw }) => {
    await objectDesk.putChunk(Buffer.from(object, "hex"), index, raw);
    return { index };
  };
}
