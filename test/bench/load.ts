import { randomBytes } from "node:crypto";
import { MqttLink } from "@gridledger/edge-node/mqtt-link";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { decodeHeader } from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import { decodeDecide } from "@gridledger/protocol/messages/decide";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { encodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import { filters, topics } from "@gridledger/protocol/topics";

const MAX_ENVELOPE_BYTES = 65_536;
const VALID_FOR_BLOCKS = 1_000;
const INTERVAL_MS = 900_000;
const STALL_MS = 20_000;

interface Final {
  readonly height: number;
  readonly txCount: number;
  readonly atMs: number;
}

/**
 * A device that sends more than any gateway would: signed batches of many meters, published in
 * envelopes, followed until final by the decisions on the broker.
 */
export class Load {
  readonly finals: Final[] = [];
  finalTransactions = 0;
  height = 0;
  readonly #chain: Chain;
  readonly #signer: Signer;
  readonly #id: string;
  readonly #link: MqttLink;
  readonly #meters: { name: string; sequence: number; previousHash: Uint8Array; timeMs: number }[];
  readonly #waiting = new Map<string, (atMs: number) => void>();
  #onFinal: () => void = () => {};

  constructor(chain: Chain, signer: Signer, url: string, meters: number) {
    this.#chain = chain;
    this.#signer = signer;
    this.#id = formatHex(identityId(chain.suite.hash, signer.publicKey));
    this.#link = new MqttLink(
      { suite: chain.suite, signer, chainId: chain.chainId },
      { urls: [url], clientId: `${this.#id}-bench` },
    );
    const run = randomBytes(4).toString("hex");
    this.#meters = Array.from({ length: meters }, (_, i) => ({
      name: `bench-${run}-${i}`,
      sequence: 0,
      previousHash: new Uint8Array(32),
      timeMs: Date.UTC(2016, 0, 1),
    }));
  }

  async start(): Promise<void> {
    this.#link.subscribe(filters.decides(this.#chain.genesis.channel), (_, bytes) => {
      this.#takeDecide(bytes);
    });
    await new Promise<void>((resolve) => {
      this.#link.onState((connected) => connected && resolve());
      this.#link.start();
    });
  }

  async stop(): Promise<void> {
    await this.#link.stop();
  }

  /** The next batch of meter `index`, signed. */
  sign(index: number, readings: number): Uint8Array {
    const meter = this.#meters[index % this.#meters.length]!;
    const timesMs = Array.from({ length: readings }, (_, i) => meter.timeMs + i * INTERVAL_MS);
    const energyWh = 1_000_000 + meter.sequence * readings * 37;
    const payload = encodeReadingBatch({
      meter: meter.name,
      sequence: meter.sequence + 1,
      previousHash: meter.previousHash,
      timesMs,
      registers: [
        {
          obis: "1-0:1.8.0",
          unit: "Wh",
          scaler: 0,
          values: timesMs.map((_, i) => energyWh + i * 37),
        },
        { obis: "1-0:2.8.0", unit: "Wh", scaler: 0, values: timesMs.map(() => 2_444) },
        { obis: "1-0:1.7.0", unit: "W", scaler: 0, values: timesMs.map((_, i) => 148 + (i % 9)) },
      ],
    });
    meter.sequence++;
    meter.timeMs += readings * INTERVAL_MS;
    meter.previousHash = this.#chain.suite.hash(payload);
    const validUntilHeight = this.height + VALID_FOR_BLOCKS;
    const body = { kind: kind.readings, validUntilHeight, nonce: new Uint8Array(), payload };
    return signTransaction(this.#chain.suite, this.#signer, this.#chain.chainId, body);
  }

  publish(transactions: readonly Uint8Array[]): boolean {
    const topic = topics.transaction(this.#chain.genesis.channel, this.#id);
    return this.#link.publish(topic, encodeTransactions(transactions));
  }

  /** Sends all, at most `window` on the way at once; resolves when all are final. */
  async run(transactions: readonly Uint8Array[], window: number): Promise<void> {
    const finalBefore = this.finalTransactions;
    let sent = 0;
    const fill = () => {
      while (sent < transactions.length) {
        const onTheWay = sent - (this.finalTransactions - finalBefore);
        if (onTheWay >= window) return;
        const envelope = nextEnvelope(transactions, sent);
        if (!this.publish(envelope)) return;
        sent += envelope.length;
      }
    };
    await new Promise<void>((resolve, reject) => {
      let lastFinalMs = performance.now();
      const retry = setInterval(() => {
        fill();
        if (performance.now() - lastFinalMs < STALL_MS) return;
        clearInterval(retry);
        const done = this.finalTransactions - finalBefore;
        reject(new Error(`stalled: ${done} of ${transactions.length} final, ${sent} sent`));
      }, 20);
      this.#onFinal = () => {
        lastFinalMs = performance.now();
        fill();
        if (this.finalTransactions - finalBefore < transactions.length) return;
        clearInterval(retry);
        resolve();
      };
      fill();
    });
  }

  /** Milliseconds from publishing one transaction until its block is decided. */
  latency(transaction: Uint8Array): Promise<number> {
    const hash = formatHex(leafHash(this.#chain.suite.hash, transaction));
    const sentMs = performance.now();
    return new Promise((resolve) => {
      this.#waiting.set(hash, (atMs) => resolve(atMs - sentMs));
      this.publish([transaction]);
    });
  }

  #takeDecide(bytes: Uint8Array): void {
    const { encodedHeader, txHashes } = decodeDecide(bytes);
    const { height, txCount } = decodeHeader(encodedHeader);
    if (height <= this.height) return;
    const atMs = performance.now();
    this.height = height;
    this.finalTransactions += txCount;
    this.finals.push({ height, txCount, atMs });
    if (this.#waiting.size > 0) {
      for (const txHash of txHashes) {
        const name = formatHex(txHash);
        this.#waiting.get(name)?.(atMs);
        this.#waiting.delete(name);
      }
    }
    this.#onFinal();
  }
}

function nextEnvelope(transactions: readonly Uint8Array[], from: number): Uint8Array[] {
  const envelope: Uint8Array[] = [];
  let bytes = 0;
  for (let i = from; i < transactions.length; i++) {
    const transaction = transactions[i]!;
    if (bytes + transaction.length > MAX_ENVELOPE_BYTES && envelope.length > 0) break;
    envelope.push(transaction);
    bytes += transaction.length;
  }
  return envelope;
}
