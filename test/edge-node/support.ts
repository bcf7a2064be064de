import { receiptRoot } from "@gridledger/protocol/contracts/receipt";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { international as suite } from "@gridledger/protocol/crypto/international";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { encodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import {
  type BlockPolicy,
  type Chain,
  decodeGenesis,
  encodeGenesis,
} from "@gridledger/protocol/ledger/genesis";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import {
  encodeHeader,
  type Header,
  headerHash,
  plainHeader,
} from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { quorum } from "@gridledger/protocol/ledger/validators";
import { votePreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { encodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import type { Head } from "../../edge-node/src/chain/head.ts";
import type { SealedBlock } from "../../edge-node/src/chain/ledger.ts";
import { type Execution, executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import type { LoadedChain } from "../../edge-node/src/store/chain-store.ts";

export { suite };

const POLICY: BlockPolicy = {
  minBlockIntervalMs: 0,
  maxBatchDelayMs: 50,
  maxBlockBytes: 4_194_304,
  maxBlockTransactions: 4_096,
  maxTransactionBytes: 65_536,
};

export function person(): { pkcs8: Uint8Array; signer: Signer; id: Uint8Array } {
  const pkcs8 = suite.generateKey();
  const signer = suite.signer(pkcs8);
  return { pkcs8, signer, id: identityId(suite.hash, signer.publicKey) };
}

export type Person = ReturnType<typeof person>;

/** A channel of four validators unless said otherwise, an operator, a hub and some devices. */
interface NetworkOptions {
  readonly validators?: number;
  readonly devices?: number;
  readonly organisations?: number;
  readonly policy?: Partial<BlockPolicy>;
  readonly engine?: string;
  readonly engineParameters?: Uint8Array;
}

export function network(options: NetworkOptions = {}) {
  const { devices: count = 2, organisations: members = 2, policy = {}, engine = "poa" } = options;
  const { engineParameters } = options;
  const { validators: seats = 4 } = options;
  const byKey = (a: Person, b: Person) => Buffer.compare(a.signer.publicKey, b.signer.publicKey);
  const validators = Array.from({ length: seats }, person).sort(byKey);
  const operator = person();
  const hub = person();
  const devices = Array.from({ length: count }, person);
  const organisations = Array.from({ length: members }, person);
  const identity =
    (role: Role, name: string) =>
    ({ signer }: Person) => ({
      role,
      publicKey: signer.publicKey,
      name,
    });
  const encoded = encodeGenesis({
    channel: "test",
    suite: "international",
    engine,
    ...(engineParameters === undefined ? {} : { engineParameters }),
    createdMs: 1_700_000_000_000,
    policy: { ...POLICY, ...policy },
    identities: [
      ...validators.map(identity("validator", "v")),
      ...[operator].map(identity("operator", "o")),
      ...[hub].map(identity("hub", "h")),
      ...devices.map(identity("device", "d")),
      ...organisations.map(identity("organisation", "g")),
    ],
  });
  return { chain: decodeGenesis(encoded), validators, operator, hub, devices, organisations };
}

export function unloaded(chain: Chain): LoadedChain {
  return { head: undefined, tree: genesisState(chain), recent: [] };
}

/** The batches of one meter, each linked to the one before. */
export class Meter {
  readonly name: string;
  readonly #chain: Chain;
  readonly #device: Person;
  #sequence = 0;
  #previousHash: Uint8Array = new Uint8Array(32);

  constructor(chain: Chain, device: Person, name: string) {
    this.#chain = chain;
    this.#device = device;
    this.name = name;
  }

  payload(change: Partial<Parameters<typeof encodeReadingBatch>[0]> = {}): Uint8Array {
    const sequence = change.sequence ?? this.#sequence + 1;
    return encodeReadingBatch({
      meter: this.name,
      sequence,
      previousHash: this.#previousHash,
      timesMs: [1_700_000_000_000 + sequence * 1_000],
      registers: [{ obis: "1-0:1.8.0", unit: "Wh", scaler: 0, values: [sequence * 7] }],
      ...change,
    });
  }

  next(
    options: { validUntilHeight?: number } & Partial<Parameters<typeof encodeReadingBatch>[0]> = {},
  ): Uint8Array {
    const { validUntilHeight = 100, ...change } = options;
    const payload = this.payload(change);
    this.#sequence++;
    this.#previousHash = suite.hash(payload);
    return sign(this.#chain, this.#device, payload, { validUntilHeight });
  }

  /** A batch of so many readings, three registers each. */
  nextOf(readings: number, validUntilHeight: number): Uint8Array {
    const first = this.#sequence * readings;
    const at = Array.from({ length: readings }, (_, i) => first + i);
    const register = (obis: string, scale: number) => {
      return { obis, unit: "Wh", scaler: 0, values: at.map((i) => 1_000_000 + i * scale) };
    };
    return this.next({
      validUntilHeight,
      timesMs: at.map((i) => 1_600_000_000_000 + i * 1_000),
      registers: [register("1-0:1.8.0", 37), register("1-0:2.8.0", 11), register("1-0:3.8.0", 5)],
    });
  }
}

export function sign(
  chain: Chain,
  { signer }: Person,
  payload: Uint8Array,
  body: { kind?: number; validUntilHeight?: number; nonce?: Uint8Array } = {},
): Uint8Array {
  const { kind: number = kind.readings, validUntilHeight = 100, nonce = new Uint8Array() } = body;
  return signTransaction(suite, signer, chain.chainId, {
    kind: number,
    validUntilHeight,
    nonce,
    payload,
  });
}

export function enrol(
  chain: Chain,
  operator: Person,
  who: Person,
  options: { role?: Role; validUntilHeight?: number } = {},
): Uint8Array {
  const { role = "device", validUntilHeight = 100 } = options;
  const payload = encodeIdentity({ role, publicKey: who.signer.publicKey, name: "new" });
  return sign(chain, operator, payload, { kind: kind.enrolment, validUntilHeight });
}

export function sealOf(
  chain: Chain,
  signers: readonly Person[],
  height: number,
  blockHash: Uint8Array,
): Seal {
  const { chainId, validatorsHash } = chain;
  const place = { chainId, validatorsHash, height, round: 0 };
  const preimage = votePreimage(voteType.commit, place, blockHash);
  const needed = quorum(chain.validators.length);
  const signatures = signers
    .slice(0, needed)
    .map(({ signer }, index) => ({ signer: index, signature: signer.sign(preimage) }));
  return { round: 0, signatures };
}

type Sealers = Pick<ReturnType<typeof network>, "chain" | "validators">;
type Parent = Pick<Head, "height" | "hash" | "timeMs" | "tree">;

/** A final block on a head, made without any node. */
export function sealedBlock(
  sealers: Sealers,
  head: Parent,
  encoded: readonly Uint8Array[],
  change: Partial<Header> = {},
): SealedBlock {
  const transactions = encoded.map((bytes) => new PreparedTransaction(sealers.chain, bytes));
  return executedBlock(sealers, head, transactions, change).sealed;
}

/** The block with what it does to the state. */
export function executedBlock(
  { chain, validators }: Sealers,
  head: Parent,
  transactions: readonly PreparedTransaction[],
  change: Partial<Header> = {},
): { readonly sealed: SealedBlock; readonly execution: Execution } {
  const deps = { chain, recent: { has: () => false } };
  const at = { height: head.height + 1, timeMs: head.timeMs + 1_000, parentHash: head.hash };
  const execution = executeBlock(deps, head.tree, at, transactions);
  if (execution instanceof Error) throw execution;
  const txHashes = transactions.map(({ hash }) => hash);
  const header: Header = {
    height: head.height + 1,
    timeMs: head.timeMs + 1_000,
    parentHash: head.hash,
    txRoot: new MerkleTree(suite.hash, txHashes).root,
    stateRoot: execution.tree.root,
    validatorsHash: chain.validatorsHash,
    nextValidatorsHash: chain.validatorsHash,
    proposer: 0,
    round: 0,
    txCount: txHashes.length,
    ...plainHeader,
    receiptRoot: receiptRoot(suite.hash, execution.receipts),
    gasUsed: execution.gasUsed,
    ...change,
  };
  const encodedHeader = encodeHeader(header);
  const blockHash = headerHash(suite.hash, encodedHeader);
  const seal = sealOf(chain, validators, header.height, blockHash);
  const block = { header, encodedHeader, blockHash, txHashes };
  return { sealed: { block, seal, transactions }, execution };
}
