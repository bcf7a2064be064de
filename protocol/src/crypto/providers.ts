import { asFault, Fault } from "../faults.ts";

/** One implementation of an algorithm: `openssl`, or a portable one by the name of its package. */
export interface Provider<Implementation> {
  readonly name: string;
  readonly implementation: Implementation;
}

export interface ProviderReport {
  readonly algorithm: string;
  readonly provider: string;
  readonly state: "in use" | "standby" | "failed";
  /** Why it failed. */
  readonly reason?: string;
}

/** An algorithm whose providers can be tested: what `doctor` sees of `Providers`. */
export interface TestedAlgorithm {
  readonly algorithm: string;
  testAll(): ProviderReport[];
}

type FailureListener = (report: ProviderReport) => void;
const listeners = new Set<FailureListener>();

/** Tells of every provider that fails its self-test from now on; call the answer to stop. */
export function watchProviderFailures(listener: FailureListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The providers of one algorithm, best first. The first one that passes the self-test is used; the
 * tests run when the algorithm is first needed, so that a process pays only for what it uses. A
 * provider that fails is reported and left out for the life of the process.
 */
export class Providers<Implementation> implements TestedAlgorithm {
  readonly algorithm: string;
  readonly #candidates: readonly Provider<Implementation>[];
  readonly #selfTest: (implementation: Implementation) => void;
  readonly #failures = new Map<string, string>();
  #inUse: Provider<Implementation> | undefined;

  constructor(
    algorithm: string,
    candidates: readonly Provider<Implementation>[],
    selfTest: (implementation: Implementation) => void,
  ) {
    this.algorithm = algorithm;
    this.#candidates = candidates;
    this.#selfTest = selfTest;
  }

  /** @throws Fault SUITE_SELF_TEST when no provider passes */
  get(): Implementation {
    return (this.#inUse ?? this.#choose()).implementation;
  }

  /** Tests every provider, those on standby too: what `doctor` prints. */
  testAll(): ProviderReport[] {
    for (const candidate of this.#candidates) this.#passes(candidate);
    const passed = this.#candidates.filter(({ name }) => !this.#failures.has(name));
    const inUse = this.#inUse ?? passed[0];
    return this.#candidates.map(({ name }) => {
      const reason = this.#failures.get(name);
      const named = { algorithm: this.algorithm, provider: name };
      if (reason !== undefined) return { ...named, state: "failed", reason };
      return { ...named, state: name === inUse?.name ? "in use" : "standby" };
    });
  }

  #choose(): Provider<Implementation> {
    const passed = this.#candidates.find((candidate) => this.#passes(candidate));
    if (passed === undefined) {
      const data = Object.fromEntries(this.#failures);
      throw new Fault("SUITE_SELF_TEST", `no provider of ${this.algorithm} works here`, { data });
    }
    this.#inUse = passed;
    return passed;
  }

  #passes({ name, implementation }: Provider<Implementation>): boolean {
    if (this.#failures.has(name)) return false;
    try {
      this.#selfTest(implementation);
      return true;
    } catch (thrown) {
      const reason = asFault(thrown, "SUITE_SELF_TEST").message;
      this.#failures.set(name, reason);
      for (const tell of listeners) {
        tell({ algorithm: this.algorithm, provider: name, state: "failed", reason });
      }
      return false;
    }
  }
}
