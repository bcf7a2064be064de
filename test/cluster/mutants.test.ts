import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mutants } from "./mutants.ts";
import { hunt } from "./sweep.ts";

/** The quality gate of the simulator: whatever it cannot see, a real bug could do as well. */
const MOST_SEEDS = 400;

describe("planted bugs", () => {
  for (const mutant of Object.keys(mutants)) {
    it(`"${mutant}" is found by random runs`, () => {
      assert.ok(hunt(mutant, 0, MOST_SEEDS).caught, `not within ${MOST_SEEDS} seeds`);
    });
  }
});
