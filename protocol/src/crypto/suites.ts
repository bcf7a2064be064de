import { Fault } from "../faults.ts";
import { international } from "./international.ts";
import type { Suite } from "./suite.ts";

/** Suite numbers on the wire, never reused: 1 international · 2 sm (reserved). */
const suites: readonly Suite[] = [international];

export function suiteById(id: number): Suite {
  const found = suites.find((suite) => suite.id === id);
  if (found === undefined) throw new Fault("SUITE_UNKNOWN", `no crypto suite has the number ${id}`);
  return found;
}

export function suiteByName(name: string): Suite {
  const found = suites.find((suite) => suite.name === name);
  if (found === undefined) {
    const known = suites.map((suite) => suite.name).join(", ");
    throw new Fault("SUITE_UNKNOWN", `no crypto suite is called "${name}"; known: ${known}`);
  }
  return found;
}
