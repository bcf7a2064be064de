import { asFault, Fault } from "../faults.ts";

/** Bytes that do not decode are a bundle that is not well formed. @throws Fault PROOF_SHAPE, and what `work` throws */
export function shaped<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (thrown) {
    const fault = asFault(thrown);
    if (/^(PROOF|SEAL|WORK)_/.test(fault.code)) throw fault;
    throw new Fault("PROOF_SHAPE", fault.message, { cause: fault });
  }
}
