import { CborReader } from "../cbor/reader.ts";
import { CborWriter } from "../cbor/writer.ts";
import { sealersOf, type Term, termOfGenesis } from "../committee/term.ts";
import {
  type ContractSet,
  NO_CONTRACT_SET,
  readContractSet,
  writeContractSet,
} from "../contracts/contract-set.ts";
import {
  DEFAULT_GAS_POLICY,
  type GasPolicy,
  readGasPolicy,
  writeGasPolicy,
} from "../contracts/gas-policy.ts";
import { requireSuite } from "../crypto/required-suite.ts";
import type { Suite } from "../crypto/suite.ts";
import { suiteByName } from "../crypto/suites.ts";
import { asFault, Fault } from "../faults.ts";
import { type GovernancePolicy, policyName, policyNumber } from "../governance/policy.ts";
import { equalBytes } from "../hex.ts";
import { encodeIdentity, type Identity, readIdentity } from "./enrolment.ts";
import { MAX_TRANSACTION_BYTES } from "./transaction.ts";
import { inKeyOrder, type Validator, type ValidatorSet, validatorsHash } from "./validators.ts";

const VERSION = 1;
const MAX_GENESIS_BYTES = 1_048_576;
const MAX_IDENTITIES = 4_096;
const MAX_ENGINE_PARAMETERS_BYTES = 512;

/** When blocks are made and how large they may be (guide §5.3). */
export interface BlockPolicy {
  /** No block sooner than this after its parent. */
  readonly minBlockIntervalMs: number;
  /** A waiting transaction is proposed after at most this long. */
  readonly maxBatchDelayMs: number;
  readonly maxBlockBytes: number;
  readonly maxBlockTransactions: number;
  readonly maxTransactionBytes: number;
  /** How much contracts may do; the defaults of `contracts/gas-policy` where it is absent. */
  readonly gas?: GasPolicy;
}

/** The first document of a channel; its hash is the chain id. */
export interface Genesis {
  readonly channel: string;
  readonly suite: string;
  readonly engine: string;
  readonly createdMs: number;
  readonly policy: BlockPolicy;
  /** Validators are the identities with that role, in the order of their keys. */
  readonly identities: readonly Identity[];
  /** How many validators must agree to a change of their set; two thirds where it is absent. */
  readonly governance?: GovernancePolicy;
  /** What only the engine reads; absent for `poa`. */
  readonly engineParameters?: Uint8Array;
  /** Contracts that are there from the beginning; `contracts/contract-set` says what its absence means. */
  readonly contracts?: ContractSet;
}

/** A genesis with what follows from it. */
export interface Chain {
  readonly genesis: Genesis;
  readonly encoded: Uint8Array;
  /** 32 bytes: the hash of the genesis, parent of block 1. */
  readonly chainId: Uint8Array;
  readonly suite: Suite;
  /** All the validators at the beginning: the roster that votes. */
  readonly validators: readonly Validator[];
  readonly validatorsHash: Uint8Array;
  /** Seals block 1: all of them, or the first committee. */
  readonly firstSet: ValidatorSet;
  /** The committee of block 1, on a `committee` channel. */
  readonly firstTerm: Term | undefined;
}

export function encodeGenesis(genesis: Genesis): Uint8Array {
  const { policy, governance, engineParameters, contracts } = genesis;
  const items = itemsOf(genesis);
  const writer = new CborWriter(1_024).array(items).uint(VERSION).text(genesis.channel);
  writer.uint(suiteByName(genesis.suite).id).text(genesis.engine).uint(genesis.createdMs);
  writer.array(policy.gas === undefined ? 5 : 6);
  writer.uint(policy.minBlockIntervalMs).uint(policy.maxBatchDelayMs);
  writer
    .uint(policy.maxBlockBytes)
    .uint(policy.maxBlockTransactions)
    .uint(policy.maxTransactionBytes);
  if (policy.gas !== undefined) writeGasPolicy(writer, policy.gas);
  writer.array(genesis.identities.length);
  for (const identity of genesis.identities) writer.raw(encodeIdentity(identity));
  if (governance !== undefined) writer.uint(policyNumber(governance));
  else if (items > 7) writer.null();
  if (engineParameters !== undefined) writer.bytes(engineParameters);
  else if (items > 8) writer.null();
  if (contracts !== undefined) writeContractSet(writer, contracts);
  return writer.finish();
}

/** The last fields may be absent; one that is absent before one that is not is null. */
function itemsOf({ governance, engineParameters, contracts }: Genesis): number {
  if (contracts !== undefined) return 10;
  if (engineParameters !== undefined) return 9;
  return governance === undefined ? 7 : 8;
}

/** @throws Fault GENESIS_INVALID; SUITE_MISSING where this process lacks the channel's suite */
export function decodeGenesis(encoded: Uint8Array): Chain {
  let genesis: Genesis;
  try {
    genesis = readGenesis(encoded);
  } catch (thrown) {
    const fault = asFault(thrown);
    if (fault.code === "SUITE_MISSING") throw fault;
    throw new Fault("GENESIS_INVALID", fault.message, { cause: fault });
  }
  const suite = suiteByName(genesis.suite);
  for (const { publicKey, suiteId } of genesis.identities) {
    suite.checkPublicKey(publicKey);
    // Another suite counts from a vote on, and before block 1 there is none.
    if (suiteId !== undefined) throw new Fault("GENESIS_INVALID", "an identity of another suite");
  }
  const validators = inKeyOrder(
    genesis.identities
      .filter((identity) => identity.role === "validator")
      .map(({ publicKey, name }) => ({ publicKey, name })),
  );
  if (validators.length === 0) throw new Fault("GENESIS_INVALID", "there is no validator");
  refuseDuplicates(genesis.identities);
  const chainId = suite.hash(encoded);
  const allHash = validatorsHash(suite.hash, validators);
  const base = { genesis, encoded, chainId, suite, validators, validatorsHash: allHash };
  return { ...base, ...firstSealers(base) };
}

function firstSealers(
  base: Omit<Chain, "firstSet" | "firstTerm">,
): Pick<Chain, "firstSet" | "firstTerm"> {
  const { suite, validators, validatorsHash: allHash } = base;
  const firstTerm = termOfGenesis(base, validators);
  const sealers = sealersOf(validators, firstTerm);
  const hash = sealers === validators ? allHash : validatorsHash(suite.hash, sealers);
  return { firstSet: { validators: sealers, hash }, firstTerm };
}

function readGenesis(encoded: Uint8Array): Genesis {
  const reader = new CborReader(encoded, MAX_GENESIS_BYTES);
  const items = reader.array("genesis", 10);
  if (items < 7) throw new Fault("GENESIS_INVALID", `${items} items`);
  const version = reader.uint("version");
  if (version !== VERSION)
    throw new Fault("GENESIS_INVALID", `version ${version} is not supported`);
  const channel = reader.text("channel", 16);
  if (!/^[a-z0-9-]{1,16}$/.test(channel)) {
    throw new Fault("GENESIS_INVALID", "channel must be 1 to 16 of a-z, 0-9 and -");
  }
  const suite = requireSuite({ suiteId: reader.uint("suite"), packageName: "" }).name;
  const engine = reader.text("engine", 32);
  const createdMs = reader.uint("createdMs");
  const policy = readPolicy(reader);
  const identities: Identity[] = [];
  for (let left = reader.array("identities", MAX_IDENTITIES); left > 0; left--) {
    identities.push(readIdentity(reader));
  }
  const last = { ...readGovernance(reader, items), ...readEngineParameters(reader, items) };
  const contracts = items < 10 ? {} : { contracts: readContractSet(reader) };
  reader.end();
  return { channel, suite, engine, createdMs, policy, identities, ...last, ...contracts };
}

function readGovernance(reader: CborReader, items: number): Pick<Genesis, "governance"> {
  if (items < 8) return {};
  if (items > 8 && reader.isNull) {
    reader.null("governance");
    return {};
  }
  return { governance: policyName(reader.uint("governance")) };
}

function readEngineParameters(
  reader: CborReader,
  items: number,
): Pick<Genesis, "engineParameters"> {
  if (items < 9) return {};
  if (items > 9 && reader.isNull) {
    reader.null("engineParameters");
    return {};
  }
  return { engineParameters: reader.bytes("engineParameters", MAX_ENGINE_PARAMETERS_BYTES) };
}

function readPolicy(reader: CborReader): BlockPolicy {
  const items = reader.array("policy", 6);
  if (items < 5) throw new Fault("GENESIS_INVALID", `a policy of ${items} items`);
  const policy = {
    minBlockIntervalMs: reader.uint("minBlockIntervalMs", 86_400_000),
    maxBatchDelayMs: reader.uint("maxBatchDelayMs", 86_400_000),
    maxBlockBytes: reader.uint("maxBlockBytes", 16_777_216),
    maxBlockTransactions: reader.uint("maxBlockTransactions", 65_536),
    maxTransactionBytes: reader.uint("maxTransactionBytes", MAX_TRANSACTION_BYTES),
  };
  return items === 5 ? policy : { ...policy, gas: readGasPolicy(reader) };
}

export function gasPolicyOf({ genesis }: Chain): GasPolicy {
  return genesis.policy.gas ?? DEFAULT_GAS_POLICY;
}

export function contractSetOf({ genesis }: Chain): ContractSet {
  return genesis.contracts ?? NO_CONTRACT_SET;
}

/** Whether raw Ethereum transactions are taken: secp256k1 is none of the algorithms of `sm`. */
export function takesSecp256k1({ genesis }: Chain): boolean {
  return genesis.policy.gas?.takesSecp256k1 ?? genesis.suite === "international";
}

function refuseDuplicates(identities: readonly Identity[]): void {
  const sorted = [...identities].sort((a, b) => Buffer.compare(a.publicKey, b.publicKey));
  for (const [i, identity] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before !== undefined && equalBytes(before.publicKey, identity.publicKey)) {
      throw new Fault("GENESIS_INVALID", `the key of "${identity.name}" stands twice`);
    }
  }
}
