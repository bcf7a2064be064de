import type { EngineFactory } from "../engine.ts";
import { PoaEngine } from "../poa/poa.ts";

/**
 * The kernel of `poa` among a committee that is drawn for each epoch (guide §4.2.2 e, f; docs/consensus.md).
 * Who sits in it follows from the state (`protocol/committee`); the kernel is told the set at each height.
 */
export const committee: EngineFactory = {
  name: "committee",
  create: (context) => new PoaEngine(context),
};
