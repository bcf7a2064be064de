import { formatCount } from "../format/number.ts";
import { words } from "../state/language.ts";

/** Marks a block whose first proposer did not deliver. */
export function Late({ round }: { readonly round: number }) {
  const { blocks } = words.value;
  if (round === 0) return null;
  return (
    <span class="late-mark" title={blocks.lateTitle(formatCount(round))}>
      {blocks.late}
    </span>
  );
}
