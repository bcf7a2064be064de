import type { CborReader } from "../cbor/reader.ts";
import type { CborWriter } from "../cbor/writer.ts";
import { Fault } from "../faults.ts";
import { formatHex } from "../hex.ts";
import { ADDRESS_BYTES } from "./address.ts";

const MAX_CONTRACTS = 64;
/** EIP-170. */
const MAX_CODE_BYTES = 24_576;
const DEFAULT_METER_INTERVAL_MS = 900_000;
const MIN_METER_INTERVAL_MS = 10_000;
const MAX_METER_INTERVAL_MS = 86_400_000;

/** A contract that is there from the genesis on (guide §4.3.5). */
export interface PlacedContract {
  readonly address: Uint8Array;
  /** Of the library it comes from; nothing on the chain depends on it. */
  readonly version: number;
  /** What runs: no constructor does. */
  readonly code: Uint8Array;
}

/** What a genesis says of contracts: `[meterIntervalMs, [[address, version, code] …]]`. */
export interface ContractSet {
  /** Length of the intervals that meters are settled by; whole seconds. */
  readonly meterIntervalMs: number;
  readonly placed: readonly PlacedContract[];
}

/** What a genesis without the field means: quarters of an hour, and no contract. */
export const NO_CONTRACT_SET: ContractSet = {
  meterIntervalMs: DEFAULT_METER_INTERVAL_MS,
  placed: [],
};

export function writeContractSet(writer: CborWriter, set: ContractSet): CborWriter {
  writer.array(2).uint(set.meterIntervalMs).array(set.placed.length);
  for (const { address, version, code } of set.placed) {
    writer.array(3).bytes(address).uint(version).bytes(code);
  }
  return writer;
}

/** @throws Fault CBOR_*, GENESIS_INVALID */
export function readContractSet(reader: CborReader): ContractSet {
  reader.tuple("contract set", 2);
  const meterIntervalMs = reader.uint("meterIntervalMs", MAX_METER_INTERVAL_MS);
  if (meterIntervalMs < MIN_METER_INTERVAL_MS || meterIntervalMs % 1_000 !== 0) {
    throw new Fault("GENESIS_INVALID", `a meter interval of ${meterIntervalMs} ms`);
  }
  const placed: PlacedContract[] = [];
  for (let left = reader.array("contracts", MAX_CONTRACTS); left > 0; left--) {
    placed.push(readPlaced(reader));
  }
  refuseTaken(placed);
  return { meterIntervalMs, placed };
}

function readPlaced(reader: CborReader): PlacedContract {
  reader.tuple("contract", 3);
  const address = reader.fixedBytes("address", ADDRESS_BYTES);
  const version = reader.uint("version");
  const code = reader.bytes("code", MAX_CODE_BYTES);
  if (code.length > 0) return { address, version, code };
  throw new Fault("GENESIS_INVALID", `the contract at ${formatHex(address)} has no code`);
}

function refuseTaken(placed: readonly PlacedContract[]): void {
  const taken = new Set(placed.map(({ address }) => formatHex(address)));
  if (taken.size === placed.length) return;
  throw new Fault("GENESIS_INVALID", "two contracts have one address");
}
