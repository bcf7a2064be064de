import { it } from "node:test";
import { ALL_SEEDS, QUICK_SEEDS, sweepHolds } from "./sweep-holds.ts";

it(`the cluster under faults keeps every invariant in seeded runs ${QUICK_SEEDS} to ${ALL_SEEDS}`, () =>
  sweepHolds({ from: QUICK_SEEDS, seeds: ALL_SEEDS - QUICK_SEEDS }));
