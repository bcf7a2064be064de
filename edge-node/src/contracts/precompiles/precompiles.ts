import type { CustomPrecompile, ExecResult, PrecompileInput } from "@ethereumjs/evm";
import type { EvmLibrary } from "../evm-library.ts";
import { identityRole } from "./identity-role.ts";
import { meterRegisters } from "./meter-registers.ts";
import type { Precompile, PrecompilePlace } from "./precompile.ts";
import { sm2Verify } from "./sm2-verify.ts";
import { sm3Hash } from "./sm3-hash.ts";

const precompiles: readonly Precompile[] = [sm3Hash, sm2Verify, identityRole, meterRegisters];

export function precompilesOf(
  { util, evm }: EvmLibrary,
  place: PrecompilePlace,
): CustomPrecompile[] {
  const revert = (gas: bigint): ExecResult => ({
    executionGasUsed: gas,
    returnValue: new Uint8Array(0),
    exceptionError: new evm.EVMError(evm.EVMError.errorMessages.REVERT),
  });
  const outOfGas = (gas: bigint): ExecResult => ({
    executionGasUsed: gas,
    returnValue: new Uint8Array(0),
    exceptionError: new evm.EVMError(evm.EVMError.errorMessages.OUT_OF_GAS),
  });
  const ours = precompiles.map(({ number, gas, run }) => ({
    address: new util.Address(precompileAddress(number)),
    function: ({ data, gasLimit }: PrecompileInput): ExecResult => {
      const cost = BigInt(gas(data, place));
      if (cost > gasLimit) return outOfGas(gasLimit);
      const returnValue = run(data, place);
      if (returnValue === undefined) return revert(cost);
      return { executionGasUsed: cost, returnValue };
    },
  }));
  // Blobs do not exist here, nor does what would prove them.
  return [...ours, { address: new util.Address(precompileAddress(0x0a)) }];
}

function precompileAddress(number: number): Uint8Array {
  const address = Buffer.alloc(20);
  address.writeUInt16BE(number, 18);
  return new Uint8Array(address);
}
