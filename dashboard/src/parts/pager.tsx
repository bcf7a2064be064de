import { useSignal } from "@preact/signals";
import { words } from "../state/language.ts";

export interface Cursors {
  /** Undefined on the first page. */
  readonly current: string | undefined;
  readonly forward: (next: string) => void;
  readonly back: () => void;
  readonly first: () => void;
}

/** The cursors walked so far, so that a page can be left backwards. */
export function useCursors(): Cursors {
  const walked = useSignal<readonly string[]>([]);
  return {
    current: walked.value.at(-1),
    forward: (next) => {
      walked.value = [...walked.value, next];
    },
    back: () => {
      walked.value = walked.value.slice(0, -1);
    },
    first: () => {
      walked.value = [];
    },
  };
}

interface PagerProps {
  readonly cursors: Cursors;
  readonly next: string | null;
}

export function Pager({ cursors, next }: PagerProps) {
  const { blocks } = words.value;
  if (cursors.current === undefined && next === null) return null;
  return (
    <nav class="pager" aria-label={`${blocks.newer} / ${blocks.older}`}>
      <button type="button" disabled={cursors.current === undefined} onClick={cursors.first}>
        {blocks.newest}
      </button>
      <button type="button" disabled={cursors.current === undefined} onClick={cursors.back}>
        {blocks.newer}
      </button>
      <button
        type="button"
        disabled={next === null}
        onClick={() => next !== null && cursors.forward(next)}
      >
        {blocks.older}
      </button>
    </nav>
  );
}
