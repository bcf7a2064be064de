import type { EVMError } from "@ethereumjs/evm";
import type { Outcome } from "@gridledger/protocol/contracts/receipt";

/** How the machine's errors are written into a receipt; those that are not named are `failed`. */
const named: Readonly<Record<string, Outcome>> = {
  revert: "reverted",
  "out of gas": "out of gas",
  "code store out of gas": "out of gas",
  "invalid opcode": "invalid opcode",
  "invalid JUMP": "invalid jump",
  "stack overflow": "stack overflow",
  "stack underflow": "stack underflow",
  "create collision": "address taken",
  "code size to deposit exceeds maximum code size": "code refused",
  "invalid bytecode deployed": "code refused",
  "initcode exceeds max initcode size": "code refused",
};

export function outcomeOf(error: EVMError | undefined): Outcome {
  return error === undefined ? "success" : (named[error.error] ?? "failed");
}
