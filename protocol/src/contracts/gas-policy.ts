import type { CborReader } from "../cbor/reader.ts";
import type { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";

const MAX_GAS = 1_000_000_000;
const MAX_SLOTS = 1_000_000_000;

/** Rules of the machine, fixed for the life of a channel. Numbers are never reused. */
const machines = { cancun: 1 } as const;

export type ContractMachine = keyof typeof machines;

/** How much contracts may do (guide §5.2.1). Gas is a limit here and not money: nobody pays. */
export interface GasPolicy {
  /** Which Ethereum rules the contracts of the channel run by. */
  readonly machine: ContractMachine;
  readonly maxBlockGas: number;
  readonly maxTransactionGas: number;
  /**
   * Whether raw Ethereum transactions and their secp256k1 signatures are taken. Absent: on a channel
   * of the suite `international` only.
   */
  readonly takesSecp256k1?: boolean;
  /** Slots that all contracts hold together, at most; absent: `DEFAULT_MAX_STORAGE_SLOTS`. */
  readonly maxStorageSlots?: number;
}

/** Some 265 MB of a validator's memory. */
export const DEFAULT_MAX_STORAGE_SLOTS = 1_000_000;

/** What a genesis without the field means: about a second of a small gateway's time a block. */
export const DEFAULT_GAS_POLICY: GasPolicy = {
  machine: "cancun",
  maxBlockGas: 8_000_000,
  maxTransactionGas: 6_000_000,
};

export function writeGasPolicy(writer: CborWriter, policy: GasPolicy): CborWriter {
  const { machine, maxBlockGas, maxTransactionGas, takesSecp256k1, maxStorageSlots } = policy;
  const hasSlots = maxStorageSlots !== undefined;
  writer.array(hasSlots ? 5 : takesSecp256k1 === undefined ? 3 : 4);
  writer.uint(machines[machine]).uint(maxBlockGas).uint(maxTransactionGas);
  if (takesSecp256k1 !== undefined) writer.bool(takesSecp256k1);
  else if (hasSlots) writer.null();
  return hasSlots ? writer.uint(maxStorageSlots) : writer;
}

/** @throws Fault CBOR_*, GENESIS_INVALID */
export function readGasPolicy(reader: CborReader): GasPolicy {
  const items = reader.array("gas policy", 5);
  if (items < 3) throw new Fault("GENESIS_INVALID", `a gas policy of ${items} items`);
  const machine = machineOf(reader.uint("machine"));
  const maxBlockGas = reader.uint("maxBlockGas", MAX_GAS);
  const maxTransactionGas = reader.uint("maxTransactionGas", maxBlockGas);
  const policy = { machine, maxBlockGas, maxTransactionGas };
  if (items === 3) return policy;
  if (items === 4) return { ...policy, takesSecp256k1: reader.bool("takesSecp256k1") };
  const keys = reader.isNull ? nothing(reader) : { takesSecp256k1: reader.bool("takesSecp256k1") };
  return { ...policy, ...keys, maxStorageSlots: reader.uint("maxStorageSlots", MAX_SLOTS) };
}

function nothing(reader: CborReader): object {
  reader.null("takesSecp256k1");
  return {};
}

function machineOf(number: number): ContractMachine {
  for (const [name, known] of Object.entries(machines)) {
    if (known === number) return name as ContractMachine;
  }
  throw new Fault("GENESIS_INVALID", `unknown contract machine ${number}`);
}
