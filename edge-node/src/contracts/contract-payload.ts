import type { AccessEntry } from "@gridledger/protocol/contracts/ethereum-transaction";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { type Chain, gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import { intrinsicGas } from "./intrinsic-gas.ts";

/** @throws Fault CONTRACT_SHAPE where the bytes are not the payload */
export function decoded<Payload>(decode: () => Payload): Payload {
  try {
    return decode();
  } catch (thrown) {
    const fault = asFault(thrown, "CONTRACT_SHAPE");
    throw new Fault("CONTRACT_SHAPE", fault.message, { cause: fault });
  }
}

interface Limited {
  readonly to: Uint8Array | undefined;
  readonly data: Uint8Array;
  readonly gasLimit: number;
  readonly accessList?: readonly AccessEntry[];
}

/** @throws Fault GAS_LIMIT */
export function checkGasLimit(chain: Chain, priced: Limited): void {
  const { maxTransactionGas } = gasPolicyOf(chain);
  const least = intrinsicGas(priced);
  if (priced.gasLimit >= least && priced.gasLimit <= maxTransactionGas) return;
  throw new Fault(
    "GAS_LIMIT",
    `the gas limit is ${priced.gasLimit}, must be ${least} to ${maxTransactionGas}`,
  );
}
