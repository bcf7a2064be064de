/** Beside what a process stores. */
export const KEY_USES_FILE = "key-uses.json";
const SAVE_MS = 60_000;

/** How often a module has used its key for a purpose, and when last (guide §4.1.2 c). */
export interface KeyUseCount {
  readonly module: string;
  readonly purpose: string;
  readonly count: number;
  /** Unix time in ms. */
  readonly lastMs: number;
}

interface KeyUsesDeps {
  /** What was saved last; undefined at the first start. */
  readonly saved: string | undefined;
  readonly save: (json: string) => void;
  readonly now: () => number;
}

/** The counts of a saved text; one that is damaged counts as none: it decides nothing. */
export function keyUseCounts(json: string): KeyUseCount[] {
  try {
    const counts: unknown = JSON.parse(json);
    return Array.isArray(counts) && counts.every(isCount) ? counts : [];
  } catch {
    return [];
  }
}

/**
 * Counts each use of a process's keys, without what was signed. Saved with the first use, then once a
 * minute and at the end: a process that is killed loses a minute of counts.
 */
export class KeyUses {
  readonly #deps: KeyUsesDeps;
  readonly #counts = new Map<string, KeyUseCount>();
  #savedMs = Number.NEGATIVE_INFINITY;
  #isSaved = true;

  constructor(deps: KeyUsesDeps) {
    this.#deps = deps;
    for (const use of keyUseCounts(deps.saved ?? "[]")) this.#counts.set(nameOf(use), use);
  }

  record(module: string, purpose: string): void {
    const lastMs = this.#deps.now();
    const name = nameOf({ module, purpose });
    const count = (this.#counts.get(name)?.count ?? 0) + 1;
    this.#counts.set(name, { module, purpose, count, lastMs });
    this.#isSaved = false;
    if (lastMs - this.#savedMs >= SAVE_MS) this.save();
  }

  list(): KeyUseCount[] {
    return [...this.#counts.values()];
  }

  save(): void {
    if (this.#isSaved) return;
    this.#isSaved = true;
    this.#savedMs = this.#deps.now();
    this.#deps.save(JSON.stringify(this.list()));
  }
}

function nameOf({ module, purpose }: Pick<KeyUseCount, "module" | "purpose">): string {
  return JSON.stringify([module, purpose]);
}

/** No schema library: a gateway counts too, and its memory is small. */
function isCount(value: unknown): value is KeyUseCount {
  if (typeof value !== "object" || value === null) return false;
  const { module, purpose, count, lastMs } = value as Readonly<Record<string, unknown>>;
  const isWhole = (number: unknown) => Number.isSafeInteger(number) && Number(number) >= 0;
  return (
    typeof module === "string" && typeof purpose === "string" && isWhole(count) && isWhole(lastMs)
  );
}
