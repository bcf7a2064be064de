import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../../format/number.ts";
import { objectWords } from "../../words/objects.ts";

type DataObject = RouteAnswer<"object">;

/** Which chunks this hub holds: a bar with holes, and how many in words. */
export function ChunkBar({ object }: { readonly object: DataObject }) {
  const { chunks, chunksHere, missing } = object;
  const holes = missing.map(([first, last]) => ({
    left: `${(100 * first) / chunks}%`,
    width: `${(100 * (last - first + 1)) / chunks}%`,
  }));
  return (
    <span class="chunk-bar">
      <span class="strip" aria-hidden="true">
        <span class="run present" style={{ width: "100%" }} />
        {holes.map((hole) => (
          <span key={hole.left} class="hole" style={hole} />
        ))}
      </span>
      {objectWords.value.chunksOf(formatCount(chunksHere), formatCount(chunks))}
    </span>
  );
}
