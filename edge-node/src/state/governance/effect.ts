import type { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { StateReader, StateView } from "../state-view.ts";

/**
 * What an action does to the state beside what governance itself keeps there (`InForce`). Executed
 * in the block before the first height for which it counts, after that block's transactions.
 */
export interface Effect<A> {
  /** Why the state does not allow it; asked when it is proposed and when its last approval comes. */
  check(chain: Chain, state: StateReader, action: A): Fault | undefined;
  /** `height` is the block's, at whose end it happens. */
  write(chain: Chain, state: StateView, action: A, height: number): void;
}

/** Of actions that change nothing but what governance keeps. */
export const noEffect: Effect<unknown> = {
  check: () => undefined,
  write() {
    // Their rule in `protocol/governance/actions` has said all.
  },
};
