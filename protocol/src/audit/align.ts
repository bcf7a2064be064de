/** How many lines may be missing and too many in one place before nothing more can be compared. */
const REACH = 512;

/** Where two sequences differ: so many of the one, from `at`, stand against so many of the other. */
export interface Gap {
  readonly expectedAt: number;
  readonly gone: number;
  readonly foundAt: number;
  readonly strange: number;
}

export interface Alignment {
  readonly gaps: readonly Gap[];
  /** Undefined where the whole of the expected sequence was compared. */
  readonly stoppedAt: number | undefined;
}

interface Sides {
  readonly expected: number;
  readonly found: number;
  /** Whether what is expected there is what is found there. */
  readonly agrees: (expectedAt: number, foundAt: number) => boolean;
}

/** Walks both sequences; where they differ, goes on at the nearest place from which they agree again. */
export function align(sides: Sides): Alignment {
  const gaps: Gap[] = [];
  let [expectedAt, foundAt] = [0, 0];
  while (expectedAt < sides.expected) {
    if (foundAt < sides.found && sides.agrees(expectedAt, foundAt)) {
      expectedAt++;
      foundAt++;
      continue;
    }
    const gap = nearestGap(sides, expectedAt, foundAt);
    if (gap === undefined) return { gaps, stoppedAt: expectedAt };
    gaps.push(gap);
    expectedAt += gap.gone;
    foundAt += gap.strange;
  }
  return { gaps, stoppedAt: undefined };
}

function nearestGap(sides: Sides, expectedAt: number, foundAt: number): Gap | undefined {
  const [left, right] = [sides.expected - expectedAt, sides.found - foundAt];
  for (let apart = 1; apart <= REACH; apart++) {
    for (let gone = Math.max(0, apart - right); gone <= Math.min(apart, left); gone++) {
      const strange = apart - gone;
      // At the end nothing agrees again: the rest of the one stands against as much of the other.
      const isEnd = gone === left && strange === Math.min(left, right);
      if (isEnd || agreesTwice(sides, expectedAt + gone, foundAt + strange)) {
        return { expectedAt, gone, foundAt, strange };
      }
    }
  }
  return undefined;
}

/** One that agrees may have been moved there; of two after one another that is less likely. */
function agreesTwice({ expected, found, agrees }: Sides, expectedAt: number, foundAt: number) {
  if (expectedAt >= expected || foundAt >= found || !agrees(expectedAt, foundAt)) return false;
  if (expectedAt + 1 >= expected) return true;
  return foundAt + 1 < found && agrees(expectedAt + 1, foundAt + 1);
}
