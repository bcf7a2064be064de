import type { ContractResult } from "@gridledger/protocol/contracts/receipt";
import { revertReason } from "@gridledger/protocol/contracts/revert-reason";
import { Fault } from "@gridledger/protocol/faults";
import { type Chain, gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import { intrinsicGas } from "../../contracts/intrinsic-gas.ts";
import { simulateCall } from "../../contracts/simulate-call.ts";
import type { KeptState } from "./ethereum-source.ts";
import { type CallObject, fromData, refuseValue, toData } from "./shapes.ts";

const NOBODY = `0x${"00".repeat(20)}`;
/** What a frame keeps back of its gas (EIP-150), and what a call with value would add. */
const KEPT_BACK = 64 / 63;
const STIPEND = 2_300;
/** Gas is a limit and not money: an estimate that is too high costs nothing. */
const GUESSES = [1, 1.5, 2, 4] as const;

function run(chain: Chain, state: KeptState, call: CallObject, gasLimit: number): ContractResult {
  refuseValue(call.value);
  return simulateCall(chain, state, {
    from: fromData(call.from ?? NOBODY),
    to: call.to ? fromData(call.to) : undefined,
    data: fromData(call.input ?? call.data ?? "0x"),
    gasLimit,
  });
}

/** The result of a call that succeeded. @throws Fault CALL_REVERTED with the output, CALL_FAILED */
function succeeded(result: ContractResult): ContractResult {
  const { outcome, output } = result;
  if (outcome === "success") return result;
  if (outcome !== "reverted") throw new Fault("CALL_FAILED", outcome);
  const reason = revertReason(output);
  const message = reason === undefined ? "execution reverted" : `execution reverted: ${reason}`;
  throw new Fault("CALL_REVERTED", message, { data: { output: toData(output) } });
}

/** What a call returns. @throws Fault CALL_REVERTED, CALL_FAILED, ETHEREUM_VALUE */
export function callOutput(chain: Chain, state: KeptState, call: CallObject): string {
  const { maxTransactionGas } = gasPolicyOf(chain);
  return toData(succeeded(run(chain, state, call, call.gas ?? maxTransactionGas)).output);
}

/** A gas limit with which the call succeeds. @throws Fault as `callOutput` */
export function estimateGas(chain: Chain, state: KeptState, call: CallObject): number {
  const { maxTransactionGas } = gasPolicyOf(chain);
  const most = Math.min(call.gas ?? maxTransactionGas, maxTransactionGas);
  const { gasUsed } = succeeded(run(chain, state, call, most));
  const data = fromData(call.input ?? call.data ?? "0x");
  const least = intrinsicGas({ to: call.to ? fromData(call.to) : undefined, data });
  if (gasUsed === least) return least;
  for (const factor of GUESSES) {
    const guess = Math.ceil(gasUsed * KEPT_BACK * factor) + STIPEND;
    if (guess >= most) return most;
    if (run(chain, state, call, guess).outcome === "success") return guess;
  }
  return most;
}
