import { Fault } from "@gridledger/protocol/faults";
import type { HeaderRules } from "../consensus/ports.ts";

/** Where votes make blocks final: time runs forwards, no block is empty, the engine adds nothing. */
export const plainRules: HeaderRules = {
  check(parent, header) {
    if (header.timeMs <= parent.timeMs) {
      return new Fault("BLOCK_INVALID", "the time is not after the parent's");
    }
    // No empty blocks: an idle chain is silent.
    if (header.txCount === 0) return new Fault("BLOCK_INVALID", "the block is empty");
    if (header.engineData.length === 0) return undefined;
    return new Fault("BLOCK_INVALID", "engine data on a chain whose engine has none");
  },
};
