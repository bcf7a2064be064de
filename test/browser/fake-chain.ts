import { createHash } from "node:crypto";
import type {
  BlockSummary,
  NodeSummary,
  RouteAnswer,
  Status,
} from "@gridledger/protocol/api/contract";
import type { Proof } from "@gridledger/protocol/api/proof-contract";

const obis = { activeImport: "1-0:1.8.0", power: "1-0:16.7.0", voltage: "1-0:32.7.0" };

const usualRegisters = [
  { obis: obis.activeImport, unit: "Wh", scaler: 0 },
  { obis: obis.power, unit: "W", scaler: 0 },
  { obis: obis.voltage, unit: "V", scaler: -1 },
];

interface FakeRegister {
  readonly obis: string;
  readonly unit: string;
  readonly scaler: number;
}

const gateways = ["gateway-nanjing-1", "gateway-nanjing-2", "gateway-suzhou-1", "gateway-wuxi-1"];
const usualMeters = ["JS-2026-000417", "JS-2026-000418", "JS-2026-000733"];
const blockMs = 2_000;

export function fakeHash(text: string | number): string {
  return createHash("sha256").update(String(text)).digest("hex");
}

/** A chain that exists only as answers: enough of one for every page. */
export class FakeChain {
  readonly startMs: number;
  height: number;
  headTimeMs: number;
  chainId = fakeHash("chain");
  silent = new Set<number>();
  state: Status["state"] = "live";
  waiting = 0;
  /** What the hub says of validators that sign no more, by their index. */
  alarms = new Map<number, NonNullable<NodeSummary["alarm"]>>();
  /** What they refused, by their index. */
  rejections = new Map<number, NodeSummary["rejections"]>();
  /** Whether a committee of three seals. */
  drawsCommittee = false;
  meterNames: readonly string[] = usualMeters;
  registers: readonly FakeRegister[] = usualRegisters;
  /** The time between two readings. */
  intervalMs = 60_000;

  constructor(nowMs: number, height = 128_402) {
    this.height = height;
    this.headTimeMs = nowMs;
    this.startMs = nowMs - height * blockMs;
  }

  status(): Status {
    const online = gateways.length - this.silent.size;
    const isLive = this.state === "live";
    return {
      channel: "jiangsu-pilot",
      chainId: this.chainId,
      suite: "international",
      engine: "qbft",
      finalityDepth: 0,
      version: "0.1.0",
      height: this.height,
      headHash: fakeHash(this.height),
      headTimeMs: this.height === 0 ? null : this.headTimeMs,
      state: this.state,
      transactions: this.height * 6,
      readings: this.height * 96,
      meters: this.height === 0 ? 0 : this.meterNames.length,
      validators: { total: gateways.length, online, quorum: 3, faultTolerance: 1 },
      rates: {
        blockIntervalMs: isLive ? 2013 : null,
        transactionsPerSecond: isLive ? 3.1 : 0,
        readingsPerSecond: isLive ? 48.4 : 0,
      },
      nowMs: Date.now(),
    };
  }

  nodes(): { items: NodeSummary[] } {
    return {
      items: gateways.map((name, index) => {
        const isSilent = this.silent.has(index);
        return {
          id: fakeHash(name).slice(0, 20),
          name,
          role: "validator",
          online: !isSilent,
          state: isSilent ? "offline" : "in-sync",
          height: this.height - (isSilent ? 35 : 0),
          lagBlocks: isSilent ? 35 : 0,
          lastSeenMs: Date.now() - (isSilent ? 70_000 : 1_200 + index * 300),
          round: 0,
          poolSize: this.waiting,
          rssBytes: 61_000_000 + index * 1_700_000,
          diskBytes: 734_000_000 + index * 9_000_000,
          diskFreeBytes: 4_000_000_000,
          maxDiskBytes: index === 0 ? 2_000_000_000 : null,
          diskDaysLeft: index === 0 ? 31 : null,
          firstHeight: 1,
          warning: null,
          alarm: this.alarms.get(index) ?? null,
          rejections: this.rejections.get(index) ?? [],
        };
      }),
    };
  }

  committee(): RouteAnswer<"committee"> {
    if (!this.drawsCommittee) return { epoch: null, gateways: [] };
    const fromHeight = this.height - 20;
    return {
      epoch: { ...{ seats: 3, epochBlocks: 64, fromHeight }, nextFromHeight: fromHeight + 64 },
      gateways: gateways.map((name, index) => ({
        ...{ id: fakeHash(name).slice(0, 20), name, isMember: index !== 2, fullWeight: 64 },
        ...{ weight: [64, 16, 34, 64][index] ?? 64, missedTurns: index === 1 ? 2 : 0 },
      })),
    };
  }

  evidence(): RouteAnswer<"evidence"> {
    const [, second = ""] = gateways;
    const validator = { id: fakeHash(second).slice(0, 20), name: second };
    return {
      items: [
        {
          ...{ transaction: fakeHash("evidence"), recordedAt: this.height - 3, validator },
          ...{ offence: "doubleCommit", height: this.height - 4, encoded: "hgEM" },
          reporter: fakeHash("reporter").slice(0, 20),
        },
      ],
    };
  }

  proposals(): RouteAnswer<"proposals"> {
    const [first = "", second = "", last = ""] = gateways;
    const reason = "3 of 3 validators would be online, 2 are needed";
    return {
      ...{ height: this.height, validators: [], candidates: [] },
      policies: {
        ...{ membership: "two-thirds", protocol: "two-thirds" },
        ...{ data: "unanimous", trust: "two-thirds" },
      },
      engine: { engine: "poa", parameters: "" },
      suites: [{ suiteId: 1, packageName: "", fromHeight: 1 }],
      items: [
        {
          ...{ id: fakeHash("proposal"), action: "remove", subject: last, encoded: "oA" },
          ...{ reason: "The site is closed", effectiveAtHeight: 0 },
          expiresAtHeight: this.height + 5_000,
          ...{ approvals: [first, second], given: 2, needed: 3 },
          forecast: {
            before: { validators: 4, online: 4, quorum: 3, faultTolerance: 1 },
            after: { validators: 3, online: 3, quorum: 2, faultTolerance: 0 },
            ...{ verdict: "safe", reason, safeOrder: [] },
          },
        },
      ],
      scheduled: [
        {
          ...{ id: fakeHash("scheduled"), action: "suite", subject: "2", encoded: "oA" },
          ...{ reason: "SM2 from the new year on", fromHeight: this.height + 900 },
        },
      ],
    };
  }

  block(height: number): BlockSummary {
    const isLate = height % 17 === 0;
    const wobble = Math.round(260 * Math.sin(height * 1.7) + (isLate ? 900 : 0));
    const index = height % gateways.length;
    const txCount = 4 + Math.round(3 * (1 + Math.sin(height / 21)));
    return {
      height,
      hash: fakeHash(height),
      timeMs:
        this.headTimeMs - (this.height - height) * blockMs + (height === this.height ? 0 : wobble),
      txCount,
      readings: txCount * 16,
      bytes: 600 + txCount * 410,
      proposer: { index, name: gateways[index] ?? "" },
      round: isLate ? 1 : 0,
    };
  }

  blocks(limit: number, cursor: string | null): RouteAnswer<"blocks"> {
    const newest = cursor === null ? this.height : Number(cursor);
    const count = Math.min(limit, newest);
    const items = Array.from({ length: count }, (_, index) => this.block(newest - index));
    return { items, next: newest - count > 0 ? String(newest - count) : null };
  }

  blockDetail(height: number): RouteAnswer<"block"> {
    return {
      ...this.block(height),
      parentHash: fakeHash(height - 1),
      txRoot: fakeHash(`tx ${height}`),
      stateRoot: fakeHash(`state ${height}`),
      validatorsHash: fakeHash("validators"),
      nextValidatorsHash: fakeHash("validators"),
      header: "oWF4AQ",
      work: null,
      seal: {
        confirmations: [],
        round: this.block(height).round,
        signatures: gateways.slice(0, 3).map((name, signer) => ({
          signer,
          name,
          signature: Buffer.from(fakeHash(`${name}${height}`).repeat(2), "hex").toString(
            "base64url",
          ),
        })),
      },
    };
  }

  transactionSummary(
    height: number,
    index: number,
  ): RouteAnswer<"blockTransactions">["items"][number] {
    const meter = this.meterNames[index % this.meterNames.length] ?? "";
    return {
      hash: fakeHash(`transaction ${index}`),
      height,
      index,
      kind: "readings",
      sender: fakeHash("gateway").slice(0, 20),
      senderName: gateways[index % gateways.length] ?? null,
      bytes: 412,
      meter,
      readings: 16,
    };
  }

  transactions(height: number): RouteAnswer<"blockTransactions"> {
    const count = this.block(height).txCount;
    const items = Array.from({ length: count }, (_, index) =>
      this.transactionSummary(height, index),
    );
    return { items, next: null };
  }

  transaction(hash: string): RouteAnswer<"transaction"> {
    const endMs = Math.floor(this.headTimeMs / this.intervalMs) * this.intervalMs;
    const timesMs = Array.from({ length: 16 }, (_, row) => endMs - (15 - row) * this.intervalMs);
    return {
      ...this.transactionSummary(this.height - 3, 1),
      hash,
      state: "final",
      refusal: null,
      validUntilHeight: this.height + 500,
      blockTimeMs: this.headTimeMs - 3 * blockMs,
      encoded: Buffer.from(fakeHash(hash).repeat(12), "hex").toString("base64url"),
      batch: {
        meter: this.meterNames[1] ?? "",
        sequence: 512,
        previousHash: fakeHash("previous"),
        timesMs,
        registers: this.registers.map((register) => ({
          ...register,
          values: timesMs.map((timeMs) => valueAt(register, timeMs)),
        })),
      },
    };
  }

  proof(): Proof {
    return {
      format: "gridledger-proof/1",
      chainId: fakeHash("chain"),
      transaction: "0oRDoQ",
      index: 1,
      path: [fakeHash("left"), fakeHash("right")],
      header: "oWF4AQ",
      seal: "gQA",
    };
  }

  meters(): RouteAnswer<"meters"> {
    if (this.height === 0) return { items: [], next: null };
    const items = this.meterNames.map((meter, index) => ({
      meter,
      owner: fakeHash(meter).slice(0, 20),
      ownerName: gateways[index] ?? null,
      sequence: 512 + index,
      readings: 24_816 + index * 48,
      firstTimeMs: this.headTimeMs - 30 * 86_400_000,
      lastTimeMs: this.headTimeMs - index * 20_000,
      registers: this.registers.map(({ obis: code, unit }) => ({ obis: code, unit })),
    }));
    return { items, next: null };
  }

  /** Two days of minutes, without the six minutes from -34 to -29. */
  readings(query: URLSearchParams): RouteAnswer<"readings"> {
    const lastMs = Math.floor(this.headTimeMs / this.intervalMs) * this.intervalMs;
    const fromMs = Number(query.get("from") ?? 0);
    const wanted = this.registers.filter(
      (one) => !query.has("obis") || one.obis === query.get("obis"),
    );
    const limit = Number(query.get("limit") ?? 500);
    const items = [];
    for (let minute = 0; minute < 2880 && items.length <= limit; minute++) {
      const timeMs = lastMs - minute * this.intervalMs;
      if (timeMs < fromMs || (minute >= 29 && minute <= 34)) continue;
      for (const register of wanted) {
        items.push({
          timeMs,
          ...register,
          value: valueAt(register, timeMs),
          sequence: 512 - Math.floor(minute / 16),
          height: this.height - Math.floor((minute * this.intervalMs) / blockMs),
          txHash: fakeHash(`transaction ${Math.floor(minute / 16)}`),
          correction: minute === 3 ? fakeCorrection(register, timeMs) : null,
        });
      }
    }
    const next = items.length > limit ? "more" : null;
    return { items: items.slice(0, limit), next };
  }

  corrections(): RouteAnswer<"corrections"> {
    const values = [
      {
        ...{ timeMs: this.headTimeMs, obis: obis.activeImport, unit: "Wh", scaler: 0 },
        old: { status: "original" as const, value: 5_120 },
        new: { status: "estimated" as const, value: 5_118 },
      },
    ];
    const by = { sender: fakeHash("operator").slice(0, 20), senderName: "operator" };
    const agreed = { agreedBy: fakeHash("grid").slice(0, 20), agreedByName: "grid" };
    const hashes = { transaction: fakeHash("correction"), contentHash: fakeHash("content") };
    const reason = "estimate" as const;
    const item = { meter: "E0012", number: 4, height: this.height, sequence: 512, ...hashes };
    const one = { ...item, ...by, ...agreed, reason, words: "register stood still", values };
    return { items: [one], next: null, last: { number: 4, contentHash: hashes.contentHash } };
  }

  identities(): RouteAnswer<"identities"> {
    const items = [
      ...gateways.map((name) => ({ name, role: "validator" as const, sinceHeight: 0 })),
      { name: "hub", role: "hub" as const, sinceHeight: 0 },
      { name: "billing", role: "application" as const, sinceHeight: 412 },
    ].map((identity) => ({
      ...identity,
      id: fakeHash(identity.name).slice(0, 20),
      publicKey: Buffer.from(`02${fakeHash(identity.name)}`, "hex").toString("base64url"),
    }));
    return { items, next: null };
  }
}

function fakeCorrection(register: FakeRegister, timeMs: number) {
  const value = valueAt(register, timeMs) - 2;
  return { status: "estimated" as const, value, number: 4, transaction: fakeHash("correction") };
}

function valueAt({ obis: code, scaler }: FakeRegister, timeMs: number): number {
  const hours = timeMs / 3_600_000;
  const watts = 4_200 + 2_100 * Math.sin(hours / 3.8) + 900 * Math.sin(hours * 9);
  if (code === obis.power) return Math.round(watts);
  if (code === obis.voltage) return Math.round(2310 + 25 * Math.sin(hours * 5));
  // 5.4 kW, counted in steps of 10 Wh.
  if (scaler === 1) return Math.floor((timeMs % 86_400_000_000) * 0.000_15);
  const minutes = Math.floor(timeMs / 60_000) % 5_000_000;
  return Math.round(minutes * 70 + 600 * Math.sin(hours * 2));
}
