/** Until a source has shown how long it takes. */
const FIRST_OWN_MS = 1;
const FIRST_OTHER_MS = 4;
/** Weight of the newest time in the mean. */
const NEWEST = 0.2;
/** One read in so many goes to the next source in turn, so that none is forgotten. */
const TURN_EVERY = 8;
/** And to one that takes long so many times less often. */
const SLOW_MS = 500;
const SLOW_TURNS = 16;

interface Load {
  underWay: number;
  meanMs: number;
}

/** The hub's own copy among the sources. */
export const OWN = "hub";

/**
 * Whom to ask next: who has least to do, counted in the time it usually takes (guide §10.5). The hub's
 * own disk is nearest; the more is read at once, the more goes to the others.
 */
export class ReadOrder {
  readonly #loads = new Map<string, Load>();
  #reads = 0;

  /** All of them, the best first. */
  of<Source extends { readonly called: string }>(sources: readonly Source[]): Source[] {
    const cost = ({ called }: Source) => {
      const { underWay, meanMs } = this.#loadOf(called);
      return (underWay + 1) * meanMs;
    };
    const sorted = [...sources].sort((a, b) => cost(a) - cost(b));
    const turn = this.#reads++;
    if (turn % TURN_EVERY !== TURN_EVERY - 1) return sorted;
    const round = Math.floor(turn / TURN_EVERY);
    const next = sources[round % sources.length];
    const isSlow = next !== undefined && this.#loadOf(next.called).meanMs > SLOW_MS;
    if (next === undefined || (isSlow && round % SLOW_TURNS > 0)) return sorted;
    return [next, ...sorted.filter((one) => one !== next)];
  }

  /** Counts one read; call the answer with its time when it is over. */
  begin(called: string): (tookMs: number) => void {
    const load = this.#loadOf(called);
    load.underWay++;
    return (tookMs) => {
      load.underWay--;
      load.meanMs += NEWEST * (Math.max(tookMs, 0.1) - load.meanMs);
    };
  }

  #loadOf(called: string): Load {
    const known = this.#loads.get(called);
    if (known !== undefined) return known;
    const fresh = { underWay: 0, meanMs: called === OWN ? FIRST_OWN_MS : FIRST_OTHER_MS };
    this.#loads.set(called, fresh);
    return fresh;
  }
}
