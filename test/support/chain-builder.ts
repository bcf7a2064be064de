import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { formatHex } from "@gridledger/protocol/hex";
import { encodeBlock } from "@gridledger/protocol/ledger/block";
import { encodeIdentity, type Identity } from "@gridledger/protocol/ledger/enrolment";
import { type Chain, decodeGenesis, encodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { encodeHeader, type Header, plainHeader } from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { quorum } from "@gridledger/protocol/ledger/validators";
import { votePreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { leafHash, MerkleTree } from "@gridledger/protocol/merkle/tree";
import { encodeDecide } from "@gridledger/protocol/messages/decide";
import { encodeStatus, type Status } from "@gridledger/protocol/messages/status";
import { encodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";

export interface Key {
  readonly signer: Signer;
  readonly pkcs8: Uint8Array;
  readonly id: string;
  readonly name: string;
}

export interface BuiltBlock {
  readonly header: Header;
  readonly encodedHeader: Uint8Array;
  readonly hash: Uint8Array;
  readonly seal: Seal;
  readonly transactions: readonly Uint8Array[];
  readonly txHashes: readonly Uint8Array[];
}

interface BuilderOptions {
  readonly suite?: string;
  readonly validators?: number;
  readonly devices?: number;
  readonly channel?: string;
}

interface BatchSpec {
  readonly meter: string;
  readonly timesMs: readonly number[];
  /** Values of register 1-0:1.8.0 in Wh; by default 1000, 1001, … */
  readonly values?: readonly (number | null)[];
}

/** A small real chain: real keys, real signatures, real seals; no consensus. */
export class ChainBuilder {
  readonly chain: Chain;
  /** In the order of the validator set. */
  readonly validators: readonly Key[];
  readonly devices: readonly Key[];
  readonly operator: Key;
  readonly hub: Key;
  readonly blocks: BuiltBlock[] = [];
  readonly #meters = new Map<string, { sequence: number; hash: Uint8Array }>();
  #nonce = 0;

  constructor({
    suite: suiteName = "international",
    validators = 4,
    devices = 2,
    channel = "test",
  }: BuilderOptions = {}) {
    const suite = suiteByName(suiteName);
    const key = (name: string): Key => {
      const pkcs8 = suite.generateKey();
      const signer = suite.signer(pkcs8);
      return { signer, pkcs8, name, id: formatHex(identityId(suite.hash, signer.publicKey)) };
    };
    const many = (count: number, name: string) =>
      Array.from({ length: count }, (_, i) => key(`${name}-${i + 1}`));
    const validatorKeys = many(validators, "validator");
    this.devices = many(devices, "device");
    this.operator = key("operator");
    this.hub = key("hub");
    const as = (role: Identity["role"]) => (from: Key) => {
      return { role, publicKey: from.signer.publicKey, name: from.name };
    };
    this.chain = decodeGenesis(
      encodeGenesis({
        ...{ channel, suite: suiteName, engine: "poa", createdMs: 1_700_000_000_000 },
        policy: {
          minBlockIntervalMs: 100,
          maxBatchDelayMs: 50,
          maxBlockBytes: 4_194_304,
          maxBlockTransactions: 4_096,
          maxTransactionBytes: 262_144,
        },
        identities: [
          ...validatorKeys.map(as("validator")),
          ...this.devices.map(as("device")),
          as("operator")(this.operator),
          as("hub")(this.hub),
        ],
      }),
    );
    this.validators = this.chain.validators.map(
      ({ name }) => validatorKeys.find((validator) => validator.name === name)!,
    );
  }

  get height(): number {
    return this.blocks.length;
  }

  newKey(name: string): Key {
    const { suite } = this.chain;
    const pkcs8 = suite.generateKey();
    const signer = suite.signer(pkcs8);
    return { signer, pkcs8, name, id: formatHex(identityId(suite.hash, signer.publicKey)) };
  }

  /** The meter's next batch, signed by the device. */
  batch(device: Key, spec: BatchSpec, validFor = 100): Uint8Array {
    const { suite, chainId } = this.chain;
    const validUntilHeight = this.height + validFor;
    const payload = this.payload(spec);
    const body = { kind: kind.readings, validUntilHeight, nonce: new Uint8Array(0), payload };
    return signTransaction(suite, device.signer, chainId, body);
  }

  /** The meter's next batch, unsigned. */
  payload({ meter, timesMs, values }: BatchSpec): Uint8Array {
    const { suite } = this.chain;
    const last = this.#meters.get(meter) ?? { sequence: 0, hash: new Uint8Array(32) };
    const payload = encodeReadingBatch({
      meter,
      sequence: last.sequence + 1,
      previousHash: last.hash,
      timesMs,
      registers: [
        {
          ...{ obis: "1-0:1.8.0", unit: "Wh", scaler: 0 },
          values: values ?? timesMs.map((_, i) => 1_000 + i),
        },
      ],
    });
    this.#meters.set(meter, { sequence: last.sequence + 1, hash: suite.hash(payload) });
    return payload;
  }

  /** An enrolment signed by the operator. */
  enrolment(identity: Identity, by: Key = this.operator): Uint8Array {
    const { suite, chainId } = this.chain;
    return signTransaction(suite, by.signer, chainId, {
      kind: kind.enrolment,
      validUntilHeight: this.height + 100,
      nonce: Uint8Array.of(this.#nonce++),
      payload: encodeIdentity(identity),
    });
  }

  /** A proposal or an approval, signed by a validator. */
  governance(by: Key, number: number, payload: Uint8Array): Uint8Array {
    const { suite, chainId } = this.chain;
    const body = { kind: number, validUntilHeight: this.height + 100, nonce: new Uint8Array(0) };
    return signTransaction(suite, by.signer, chainId, { ...body, payload });
  }

  /** The next block, sealed by the first quorum of the validators, and kept. */
  add(transactions: readonly Uint8Array[], changes: Partial<Header> = {}): BuiltBlock {
    const block = this.make(transactions, changes);
    this.blocks.push(block);
    return block;
  }

  /** A block on the head that is not kept; `signers` seal it. */
  make(
    transactions: readonly Uint8Array[],
    changes: Partial<Header> = {},
    signers: readonly number[] = [...Array(quorum(this.validators.length)).keys()],
  ): BuiltBlock {
    const { suite, chainId, validatorsHash } = this.chain;
    const parent = this.blocks.at(-1);
    const txHashes = transactions.map((transaction) => leafHash(suite.hash, transaction));
    const header: Header = {
      height: this.height + 1,
      timeMs: (parent?.header.timeMs ?? 1_700_000_000_000) + 1_000,
      parentHash: parent?.hash ?? chainId,
      txRoot: new MerkleTree(suite.hash, txHashes).root,
      stateRoot: new Uint8Array(32),
      validatorsHash,
      nextValidatorsHash: validatorsHash,
      proposer: this.height % this.validators.length,
      round: 0,
      txCount: transactions.length,
      ...plainHeader,
      ...changes,
    };
    const encodedHeader = encodeHeader(header);
    const hash = suite.hash(encodedHeader);
    const place = {
      ...{ chainId, validatorsHash: header.validatorsHash, height: header.height },
      round: 0,
    };
    const preimage = votePreimage(voteType.commit, place, hash);
    const signatures = signers.map((signer) => ({
      signer,
      signature: this.validators[signer]!.signer.sign(preimage),
    }));
    return { header, encodedHeader, hash, seal: { round: 0, signatures }, transactions, txHashes };
  }

  /** A validator's signed heartbeat. */
  status(validator: Key, status: Partial<Status> = {}): Uint8Array {
    const { suite, chainId } = this.chain;
    return encodeStatus(suite, validator.signer, chainId, {
      height: this.height,
      headHash: this.blocks.at(-1)?.hash ?? chainId,
      round: 0,
      bootId: new Uint8Array(8),
      poolSize: 0,
      timeMs: Date.now(),
      ...status,
    });
  }
}

/** The block as `getBlocks` answers it. */
export function encodeBuilt({ encodedHeader, seal, transactions }: BuiltBlock): Uint8Array {
  return encodeBlock(encodedHeader, seal, transactions);
}

export function decideOf({ encodedHeader, seal, txHashes }: BuiltBlock): Uint8Array {
  return encodeDecide({ encodedHeader, seal, txHashes });
}
