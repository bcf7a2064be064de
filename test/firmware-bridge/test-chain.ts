import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { international as suite } from "@gridledger/protocol/crypto/international";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { KeyRing, type RingKey } from "@gridledger/protocol/keys/key-ring";
import { decodeGenesis, encodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { encodeHeader, plainHeader } from "@gridledger/protocol/ledger/header";
import { decodeKeyRotation } from "@gridledger/protocol/ledger/key-rotation";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeTransaction, verifyTransaction } from "@gridledger/protocol/ledger/transaction";
import { votePreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import { encodeReceipt } from "@gridledger/protocol/messages/receipt";
import { encodeRefusal } from "@gridledger/protocol/messages/refusal";
import { decodeTransactions } from "@gridledger/protocol/messages/transactions";
import { decodeReadingBatch, type ReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import type { Log } from "../../firmware-bridge/src/log.ts";
import type { Uplink } from "../../firmware-bridge/src/uplink.ts";

const validatorSigners = [1, 2, 3, 4].map(() => suite.signer(suite.generateKey()));
export const deviceKey = suite.generateKey();
const device = suite.signer(deviceKey);
const deviceId = identityId(suite.hash, device.publicKey);
export const createdMs = Date.UTC(2026, 0, 1);

export const genesisBytes = encodeGenesis({
  channel: "main",
  suite: "international",
  engine: "poa",
  createdMs,
  policy: {
    minBlockIntervalMs: 100,
    maxBatchDelayMs: 100,
    maxBlockBytes: 1_000_000,
    maxBlockTransactions: 4_096,
    maxTransactionBytes: 262_144,
  },
  identities: [
    ...validatorSigners.map((signer, i) => ({
      role: "validator" as const,
      publicKey: signer.publicKey,
      name: `v${i}`,
    })),
    { role: "device" as const, publicKey: device.publicKey, name: "bridge" },
  ],
});
export const chain = decodeGenesis(genesisBytes);
export const owner = { chainId: chain.chainId, deviceId };

/** A key of the device, in use. */
export const ringKey = (signer: Signer, epoch = 1, fromHeight = 0): RingKey => {
  return { epoch, suite, fromHeight, signer: () => signer };
};
export const deviceRing = (...later: RingKey[]): KeyRing =>
  new KeyRing(deviceId, [ringKey(device), ...later]);

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** The seal of the chain's validators under any header. */
function sealOf(encodedHeader: Uint8Array, height: number, signers = 3) {
  const { chainId, validatorsHash, validators } = chain;
  const place = { chainId, validatorsHash, height, round: 0 };
  const preimage = votePreimage(voteType.commit, place, suite.hash(encodedHeader));
  const signatures = validators.slice(0, signers).map(({ publicKey }, signer) => {
    const key = validatorSigners.find((known) => Buffer.compare(known.publicKey, publicKey) === 0)!;
    return { signer, signature: key.sign(preimage) };
  });
  return { round: 0, signatures };
}

type Handler = (topic: string, bytes: Uint8Array) => void;

/**
 * Broker, validators and hub in one: takes transactions by the chain's rules for batches, and makes a
 * block with a receipt when told to.
 */
export class TestNetwork implements Uplink {
  readonly batches = new Map<string, ReadingBatch[]>();
  /** Every transaction as it came, repeats too. */
  readonly received: Uint8Array[] = [];
  messages = 0;
  height = 0;
  /** Refuses what comes with this, instead of taking it. */
  refuseWith: FaultCode | undefined;
  /** The device's key from a height on. */
  turn: { readonly publicKey: Uint8Array; readonly fromHeight: number } | undefined;
  readonly #heads = new Map<string, { sequence: number; hash: Uint8Array }>();
  readonly #pool = new Map<string, Uint8Array>();
  /** By transaction hash; a final transaction that comes again gets its receipt again. */
  readonly #finals = new Map<string, Uint8Array>();
  readonly #handlers = new Map<string, Handler>();
  #onState: (connected: boolean) => void = () => {};
  #connected = false;

  start(): void {
    this.connect();
  }

  stop(): Promise<void> {
    this.disconnect();
    return Promise.resolve();
  }

  /** A new process takes over: the old one's handlers are gone. */
  detach(): void {
    this.#handlers.clear();
    this.#onState = () => {};
  }

  connect(): void {
    this.#connected = true;
    this.#onState(true);
  }

  disconnect(): void {
    this.#connected = false;
    this.#onState(false);
  }

  subscribe(filter: string, handler: Handler): void {
    this.#handlers.set(filter, handler);
  }

  onState(callback: (connected: boolean) => void): void {
    this.#onState = callback;
  }

  publish(_topic: string, bytes: Uint8Array): boolean {
    if (!this.#connected) return false;
    this.messages++;
    for (const encoded of decodeTransactions(bytes)) {
      this.received.push(encoded);
      const transaction = decodeTransaction(suite, encoded);
      const isRotation = transaction.kind === kind.keyRotation;
      const broken = isRotation ? undefined : this.#check(encoded);
      const refusal = this.refuseWith ?? broken ?? this.#checkKey(encoded);
      const receipt = this.#finals.get(formatHex(transaction.hash));
      if (receipt !== undefined) this.#deliver("f", receipt);
      if (refusal === undefined) this.#pool.set(formatHex(transaction.hash), encoded);
      else this.refuse(transaction.hash, refusal);
    }
    return true;
  }

  refuse(txHash: Uint8Array, code: FaultCode): void {
    const refusal = { txHash, code, detail: "test", headHeight: this.height };
    this.#deliver("e", encodeRefusal(refusal));
  }

  /** Puts what can follow into a block; the receipt goes out unless it is to be lost. */
  makeBlock(options: { loseReceipt?: boolean; signers?: number } = {}): number {
    const taken: { hash: Uint8Array; encoded: Uint8Array }[] = [];
    for (let grew = true; grew; ) {
      grew = false;
      for (const [key, encoded] of this.#pool) {
        const { hash, payload, validUntilHeight, kind: number } = decodeTransaction(suite, encoded);
        if (number === kind.keyRotation) {
          this.turn = decodeKeyRotation(payload);
          this.#pool.delete(key);
          taken.push({ hash, encoded });
          continue;
        }
        const batch = decodeReadingBatch(payload);
        const head = this.#heads.get(batch.meter);
        const unsigned = this.#checkKey(encoded);
        if (unsigned !== undefined) {
          this.#pool.delete(key);
          this.refuse(hash, unsigned);
        } else if (validUntilHeight <= this.height || batch.sequence <= (head?.sequence ?? 0)) {
          this.#pool.delete(key);
        } else if (batch.sequence === (head?.sequence ?? 0) + 1) {
          const previous = head?.hash ?? new Uint8Array(32);
          if (Buffer.compare(batch.previousHash, previous) !== 0) throw new Fault("BATCH_LINK");
          this.#heads.set(batch.meter, { sequence: batch.sequence, hash: suite.hash(payload) });
          this.batches.set(batch.meter, [...(this.batches.get(batch.meter) ?? []), batch]);
          this.#pool.delete(key);
          taken.push({ hash, encoded });
          grew = true;
        }
      }
    }
    if (taken.length === 0) return 0;
    this.height++;
    const receipts = this.#receipts(taken, options.signers);
    for (const [i, { hash }] of taken.entries()) {
      this.#finals.set(formatHex(hash), receipts[Math.floor(i / 256)]!);
    }
    if (options.loseReceipt === true) return taken.length;
    for (const receipt of receipts) this.#deliver("f", receipt);
    return taken.length;
  }

  #receipts(taken: readonly { hash: Uint8Array }[], signers?: number): Uint8Array[] {
    const tree = new MerkleTree(
      suite.hash,
      taken.map(({ hash }) => hash),
    );
    const nothing = new Uint8Array(32);
    const encodedHeader = encodeHeader({
      height: this.height,
      timeMs: createdMs + this.height,
      parentHash: nothing,
      txRoot: tree.root,
      stateRoot: nothing,
      validatorsHash: chain.validatorsHash,
      nextValidatorsHash: chain.validatorsHash,
      proposer: 0,
      round: 0,
      txCount: taken.length,
      ...plainHeader,
    });
    const entries = taken.map(({ hash }, index) => ({
      txHash: hash,
      index,
      path: tree.path(index),
    }));
    const seal = sealOf(encodedHeader, this.height, signers);
    const receipts: Uint8Array[] = [];
    for (let at = 0; at < entries.length; at += 256) {
      receipts.push(encodeReceipt({ encodedHeader, seal, entries: entries.slice(at, at + 256) }));
    }
    return receipts;
  }

  /** By the key of the next height. */
  #checkKey(encoded: Uint8Array): FaultCode | undefined {
    const transaction = decodeTransaction(suite, encoded);
    const { publicKey: next, fromHeight } = this.turn ?? { fromHeight: Infinity };
    const keys = [device.publicKey, ...(next === undefined ? [] : [next])];
    const by = keys.findIndex((key) => verifyTransaction(suite, key, chain.chainId, transaction));
    if (by === -1) return "SIGNATURE_INVALID";
    return by === (this.height + 1 >= fromHeight ? 1 : 0) ? undefined : "KEY_EPOCH";
  }

  #check(encoded: Uint8Array): FaultCode | undefined {
    const { payload, validUntilHeight } = decodeTransaction(suite, encoded);
    if (validUntilHeight <= this.height) return "TX_EXPIRED";
    const batch = decodeReadingBatch(payload);
    return batch.sequence <= (this.#heads.get(batch.meter)?.sequence ?? 0)
      ? "BATCH_STALE"
      : undefined;
  }

  #deliver(lane: "e" | "f", bytes: Uint8Array): void {
    const filter = `gl/main/${lane}/${formatHex(deviceId)}/+`;
    this.#handlers.get(filter)?.(filter, bytes);
  }
}
