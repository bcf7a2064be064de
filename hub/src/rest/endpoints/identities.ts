import type { Directory } from "../../index/directory.ts";
import { cut } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";

interface Deps {
  readonly directory: Pick<Directory, "page">;
}

/** The cursor is the id of the last identity. */
export function identities({ directory }: Deps): Endpoint<"identities"> {
  return ({ query: { limit, cursor } }) => {
    const { items, hasMore } = cut(directory.page(limit + 1, cursor), limit);
    return {
      items: items.map(({ id, name, role, publicKey, sinceHeight }) => ({
        ...{ id, name, role, sinceHeight },
        publicKey: Buffer.from(publicKey).toString("base64url"),
      })),
      next: hasMore ? (items.at(-1)?.id ?? null) : null,
    };
  };
}
