import { z } from "zod";
import { accessContract } from "./access-contract.ts";
import { bundleContract } from "./bundle-contract.ts";
import { certificateContract } from "./certificate-contract.ts";
import { committeeAnswer } from "./committee-contract.ts";
import { contractsContract } from "./contracts-contract.ts";
import { decimal } from "./decimal.ts";
import { evidenceAnswer } from "./evidence-contract.ts";
import { proposalsAnswer } from "./governance-contract.ts";
import { identityContract } from "./identity-contract.ts";
import { keyContract } from "./key-contract.ts";
import { mappingContract } from "./mapping-contract.ts";
import { marketContract } from "./market-contract.ts";
import { meterContract } from "./meter-contract.ts";
import { objectsContract } from "./objects-contract.ts";
import type { RouteName } from "./paths.ts";
import { proof } from "./proof-contract.ts";
import { recoveryContract } from "./recovery-contract.ts";
import { webhookContract } from "./webhook-contract.ts";

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const identityHex = z.string().regex(/^[0-9a-f]{20}$/);
const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);
const height = z.number().int().nonnegative();
const timeMs = z.number().int().nonnegative();
const role = z.enum([
  ...["validator", "device", "operator", "hub", "application", "candidate", "organisation"],
  ...["administrator", "supervisor", "auditor", "custodian"],
] as const);
const meterId = z.string().regex(/^[\x21-\x7e]{1,48}$/);
const pathHeight = decimal(height);

/** A page of a list; `next` is the cursor of the page after, null at the end. */
function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

const pageQuery = z.object({
  limit: decimal(z.number().int().min(1).max(500)).default(50),
  cursor: z.string().max(128).optional(),
});

const none = z.object({});

/** RFC 9457 problem details; `code` is one of the fault table. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  titleZh: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
});

/** A fault that a node tells of itself, in both languages. */
const toldFault = z.object({ code: z.string(), detail: z.string(), detailZh: z.string() });

const nodeSummary = z.object({
  id: identityHex,
  name: z.string(),
  role,
  online: z.boolean(),
  /** In words: "in sync", "12 blocks behind", "silent for 70 s". */
  state: z.enum(["in-sync", "behind", "offline", "never-seen"]),
  height: height.nullable(),
  lagBlocks: z.number().int().nullable(),
  lastSeenMs: timeMs.nullable(),
  round: z.number().int().nullable(),
  poolSize: z.number().int().nullable(),
  rssBytes: z.number().int().nullable(),
  diskBytes: z.number().int().nullable(),
  /** Free on the file system of the node. */
  diskFreeBytes: z.number().int().nullable(),
  /** What its configuration allows; null where that is not limited. */
  maxDiskBytes: z.number().int().nullable(),
  /** Whole days until its disk is full if it grows as it did; null while nobody can tell. */
  diskDaysLeft: z.number().int().nullable(),
  /** The lowest block that it still holds; the archive has the others. */
  firstHeight: height.nullable(),
  /** Why it signs nothing, as it says of itself; null while it signs. */
  alarm: toldFault.nullable(),
  /** What wants attention while it goes on. */
  warning: toldFault.nullable(),
  /** Consensus messages that it refused since it started, by code. */
  rejections: z.array(toldFault.extend({ count: z.number().int() })),
});

const status = z.object({
  channel: z.string(),
  chainId: hex32,
  suite: z.string(),
  engine: z.string(),
  /** A block is final when so many follow it; 0 means at once. */
  finalityDepth: z.number().int(),
  version: z.string(),
  height,
  headHash: hex32,
  headTimeMs: timeMs.nullable(),
  /** "live": blocks come · "idle": nothing waits, which is not a fault · "stalled": transactions wait and no block comes · "syncing". */
  state: z.enum(["live", "idle", "stalled", "syncing"]),
  transactions: z.number().int(),
  readings: z.number().int(),
  meters: z.number().int(),
  validators: z.object({
    total: z.number().int(),
    online: z.number().int(),
    quorum: z.number().int(),
    faultTolerance: z.number().int(),
  }),
  /** Over the last 60 s. */
  rates: z.object({
    blockIntervalMs: z.number().nullable(),
    transactionsPerSecond: z.number(),
    readingsPerSecond: z.number(),
  }),
  nowMs: timeMs,
});

const blockSummary = z.object({
  height,
  hash: hex32,
  timeMs,
  txCount: z.number().int(),
  readings: z.number().int(),
  bytes: z.number().int(),
  proposer: z.object({ index: z.number().int(), name: z.string() }),
  round: z.number().int(),
});

const sealSignature = z.object({
  signer: z.number().int(),
  name: z.string(),
  signature: base64url,
});

const work = z.object({
  /** Hashes that a block of this target takes on average. */
  difficulty: z.number(),
  nextDifficulty: z.number(),
  /** The largest hash that counts. */
  target: hex32,
  nonce: z.string(),
  /** Hashes that its miner tried for it since it last changed what it was looking for. */
  hashesTried: z.number(),
});

const blockDetail = blockSummary.extend({
  parentHash: hex32,
  txRoot: hex32,
  stateRoot: hex32,
  validatorsHash: hex32,
  nextValidatorsHash: hex32,
  /** The header's bytes, whose hash is the block's. */
  header: base64url,
  seal: z.object({
    round: z.number().int(),
    signatures: z.array(sealSignature),
    /** Blocks that follow and make this one final; empty where votes do. */
    confirmations: z.array(z.object({ height, hash: hex32, difficulty: z.number() })),
  }),
  /** Null where blocks are made by votes. */
  work: work.nullable(),
});

const transactionSummary = z.object({
  hash: hex32,
  height: height.nullable(),
  index: z.number().int().nullable(),
  kind: z.string(),
  sender: identityHex,
  senderName: z.string().nullable(),
  bytes: z.number().int(),
  meter: z.string().nullable(),
  readings: z.number().int().nullable(),
});

const register = z.object({
  obis: z.string(),
  unit: z.string(),
  scaler: z.number().int(),
  values: z.array(z.number().int().nullable()),
});

const transactionDetail = transactionSummary.extend({
  /** "final" is in a block · "spooled" is kept by the hub and sent until it is · "refused" never will be. */
  state: z.enum(["final", "spooled", "refused"]),
  refusal: z.object({ code: z.string(), detail: z.string() }).nullable(),
  validUntilHeight: height,
  blockTimeMs: timeMs.nullable(),
  /** The COSE_Sign1 as signed. */
  encoded: base64url,
  batch: z
    .object({
      meter: z.string(),
      sequence: z.number().int(),
      previousHash: hex32,
      timesMs: z.array(timeMs),
      registers: z.array(register),
    })
    .nullable(),
});

const submitted = z.object({
  hash: hex32,
  state: z.enum(["final", "spooled"]),
  height: height.nullable(),
});

const meter = z.object({
  meter: z.string(),
  owner: identityHex,
  ownerName: z.string().nullable(),
  sequence: z.number().int(),
  readings: z.number().int(),
  firstTimeMs: timeMs,
  lastTimeMs: timeMs,
  registers: z.array(z.object({ obis: z.string(), unit: z.string() })),
});

const reading = z.object({
  timeMs,
  obis: z.string(),
  unit: z.string(),
  /** The value is `value · 10^scaler unit`; null where the meter gave none. */
  value: z.number().int().nullable(),
  scaler: z.number().int(),
  sequence: z.number().int(),
  height,
  txHash: hex32,
});

const time = z.union([decimal(timeMs), z.iso.datetime({ offset: true })]);

const identity = z.object({
  id: identityHex,
  name: z.string(),
  role,
  publicKey: base64url,
  /** 0 when it stands in the genesis. */
  sinceHeight: height,
});

/** Request and answer of every route of `paths.ts`. */
export const contract = {
  status: { summary: "Height, suite, engine, validators, rates", answer: status },
  genesis: {
    summary: "The genesis, whose hash is the chain id",
    answer: z.object({ chainId: hex32, encoded: base64url }),
  },
  nodes: {
    summary: "Validators and what they last said",
    answer: z.object({ items: z.array(nodeSummary) }),
  },
  proposals: {
    summary: "What is decided by vote: open proposals, approved changes, and who could join",
    answer: proposalsAnswer,
  },
  evidence: {
    summary: "Offences of validators, newest first, with what proves them",
    answer: evidenceAnswer,
  },
  committee: {
    summary:
      "The committee that seals now, when the next is drawn, and how available each gateway is",
    answer: committeeAnswer,
  },
  blocks: { summary: "Blocks, newest first", query: pageQuery, answer: page(blockSummary) },
  block: {
    summary: "One block with its seal",
    params: z.object({ height: pathHeight }),
    answer: blockDetail,
  },
  blockTransactions: {
    summary: "Transactions of one block, in order",
    params: z.object({ height: pathHeight }),
    query: pageQuery,
    answer: page(transactionSummary),
  },
  transaction: {
    summary: "One transaction",
    params: z.object({ hash: hex32 }),
    answer: transactionDetail,
  },
  transactionProof: {
    summary: "Inclusion proof of one transaction",
    params: z.object({ hash: hex32 }),
    answer: proof,
  },
  submitTransaction: {
    summary: "Hand in a signed transaction; it is spooled durably before the answer",
    query: z.object({ waitMs: decimal(z.number().int().min(0).max(30_000)).default(0) }),
    body: z.object({ transaction: base64url.min(1).max(400_000) }),
    answer: submitted,
  },
  meters: {
    summary: "Meters by name",
    query: pageQuery.extend({ cursor: meterId.optional() }),
    answer: page(meter),
  },
  readings: {
    summary: "Readings of one meter by time",
    params: z.object({ meter: meterId }),
    query: pageQuery.extend({
      limit: decimal(z.number().int().min(1).max(5_000)).default(500),
      from: time.optional(),
      to: time.optional(),
      obis: z.string().max(32).optional(),
      order: z.enum(["asc", "desc"]).default("asc"),
    }),
    answer: page(reading),
  },
  readingProof: {
    summary: "Inclusion proof of one reading",
    params: z.object({ meter: meterId, timeMs: decimal(timeMs) }),
    answer: proof,
  },
  identities: {
    summary: "Identities of the channel",
    query: pageQuery.extend({ cursor: identityHex.optional() }),
    answer: page(identity),
  },
  enrol: {
    summary: "Enrol an identity; final when the answer says so",
    body: z.object({
      name: z.string().min(1).max(64),
      role: z.enum([
        ...(["device", "application", "operator", "candidate"] as const),
        ...(["administrator", "supervisor", "auditor", "custodian"] as const),
      ]),
      publicKey: base64url.length(44),
    }),
    answer: submitted.extend({ id: identityHex }),
  },
  ...keyContract,
  ...identityContract,
  ...accessContract,
  ...certificateContract,
  ...contractsContract,
  ...marketContract,
  ...webhookContract,
  ...recoveryContract,
  ...mappingContract,
  ...objectsContract,
  ...meterContract,
  ...bundleContract,
} as const satisfies Record<
  RouteName,
  {
    summary: string;
    params?: z.ZodObject;
    query?: z.ZodObject;
    body?: z.ZodObject;
    /** The body is bytes, at most so many. */
    rawBody?: number;
    answer: z.ZodType;
  }
>;

export type Contract = typeof contract;

type Part<Name extends RouteName, Key extends string> =
  Contract[Name] extends Record<Key, infer Schema extends z.ZodType>
    ? z.input<Schema>
    : z.input<typeof none>;

/** What a caller of the route gives. */
export type RouteInput<Name extends RouteName> = {
  readonly params: Part<Name, "params">;
  readonly query: Part<Name, "query">;
  readonly body: Part<Name, "body">;
};

/** What the route answers. */
export type RouteAnswer<Name extends RouteName> = z.output<Contract[Name]["answer"]>;

/** Events of the stream: `event:` is the type, `data:` the JSON. */
export interface StreamEvents {
  readonly status: z.output<typeof status>;
  readonly block: z.output<typeof blockSummary>;
  readonly nodes: { readonly items: z.output<typeof nodeSummary>[] };
  /** A mapped table was changed behind our back. */
  readonly alarm: { readonly name: string; readonly kind: string; readonly foundMs: number };
}

export type Status = z.output<typeof status>;
export type BlockSummary = z.output<typeof blockSummary>;
export type NodeSummary = z.output<typeof nodeSummary>;
export type Problem = z.output<typeof problem>;
