import { asFault, Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Header } from "@gridledger/protocol/ledger/header";
import {
  decodeWorkParameters,
  expectedWork,
  readWork,
  type Work,
  type WorkParameters,
} from "@gridledger/protocol/ledger/work";
import type { HeaderRules, ParentBlock } from "../ports.ts";

/** A block must be later than this: nobody's clock alone decides it. */
export function medianTimeMs(timesMs: readonly number[]): number {
  const sorted = [...timesMs].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Undefined on the genesis. @throws Fault WORK_INVALID */
export function workOf({ header }: ParentBlock): Work | undefined {
  return header === undefined ? undefined : readWork(header);
}

/**
 * Time, target and emptiness of a block by its parent (guide §4.2.1 b). That its hash meets the target
 * is checked where the hash is: by the engine on arrival, and with the seal.
 */
export function workRules(chain: Chain): HeaderRules {
  const parameters = decodeWorkParameters(chain.genesis.engineParameters);
  return {
    check(parent, header) {
      if (header.round !== 0) return new Fault("BLOCK_INVALID", "work has no rounds");
      if (header.timeMs <= medianTimeMs(parent.recentTimesMs)) {
        return new Fault("WORK_TIME", "not after the median of the blocks before it");
      }
      try {
        return checkWork(parameters, parent, header);
      } catch (thrown) {
        return asFault(thrown);
      }
    },
  };
}

function checkWork(
  parameters: WorkParameters,
  parent: ParentBlock,
  header: Header,
): Fault | undefined {
  const told = readWork(header);
  const { timeMs } = parent;
  const expected = expectedWork(parameters, { timeMs, work: workOf(parent) }, header);
  if (told.difficulty !== expected.difficulty) {
    return new Fault("WORK_TARGET", `${told.difficulty}, its parent asks ${expected.difficulty}`);
  }
  if (told.nextDifficulty !== expected.nextDifficulty) {
    return new Fault("WORK_TARGET", `it asks the next block for ${told.nextDifficulty}`);
  }
  if (told.quiet === expected.quiet && told.quiet <= parameters.finalityDepth) return undefined;
  return new Fault("WORK_INVALID", "empty, and nothing waits for being made final");
}
