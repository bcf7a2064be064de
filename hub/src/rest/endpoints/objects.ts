import { positionOf } from "../../index/position.ts";
import { cut, parseCursor } from "../cursor.ts";
import type { Endpoint } from "../endpoint.ts";
import { checkReader, type FoundObject, type ObjectDeps, objectView } from "../object-view.ts";

/**
 * The cursor is the place in the chain below which the next page begins. What the caller may not read
 * is left out.
 */
export function objects(deps: ObjectDeps): Endpoint<"objects"> {
  return async ({ query: { limit, cursor, owner, name }, caller }) => {
    const [below] = cursor === undefined ? [] : parseCursor(cursor, 1);
    const rows = await deps.index.objects.newest({ owner, name }, limit + 1, below);
    const { items: page, hasMore } = cut(rows, limit);
    const last = page.at(-1);
    const items = [];
    for (const final of page) {
      const payload = (await deps.objectDesk.find(final.manifest.root))?.payload;
      const found: FoundObject = { ...final, final, payload };
      if (isReadable(caller, found)) items.push(await objectView(deps, found));
    }
    const next = hasMore && last ? String(positionOf(last.height, last.index)) : null;
    return { items, next };
  };
}

function isReadable(caller: Parameters<typeof checkReader>[0], found: FoundObject): boolean {
  try {
    checkReader(caller, found);
    return true;
  } catch {
    return false;
  }
}
