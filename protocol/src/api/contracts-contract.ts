import { z } from "zod";
import { address, base64url, count, hex32, page, pageQuery } from "./shapes.ts";

/** Bytes as programs of the Ethereum world write them. */
const hexBytes = z.string().regex(/^0x(?:[0-9a-fA-F]{2})*$/);
const slot = z.string().regex(/^0x[0-9a-fA-F]{64}$/);

const log = z.object({
  /** Where it stands: a subscription goes on after a place. `index` counts the logs of the block. */
  height: count,
  index: count,
  transactionIndex: count,
  address,
  topics: z.array(hexBytes).max(4),
  data: hexBytes,
});

const result = z.object({
  outcome: z.string(),
  /** Why it reverted, where it says so in Solidity's own way. */
  reason: z.string().nullable(),
  gasUsed: count,
  output: hexBytes,
  /** Longer than `output` where not all of it is kept. */
  outputBytes: count,
});

const contractSummary = z.object({
  address,
  height: count,
  transaction: hex32,
  creator: z.object({ id: z.string(), name: z.string().nullable() }),
  /** Which contract of the library it is, where it came with the genesis. */
  library: z.object({ name: z.string(), version: count }).nullable(),
});

/** A sealed header, its seal and the changes of the validator set before it. */
const sealed = { header: base64url, seal: base64url, handovers: z.array(base64url).max(1_024) };

export const stateProof = z.object({
  format: z.literal("gridledger-state-proof/1"),
  chainId: hex32,
  ...sealed,
  address,
  slot: slot.optional(),
  /** `protocol/contracts/state-proof`. */
  proof: base64url,
});

export const receiptProof = z.object({
  format: z.literal("gridledger-receipt-proof/1"),
  chainId: hex32,
  ...sealed,
  receipt: base64url,
  index: count,
  size: count,
  path: z.array(hex32).max(17),
});

export type StateProof = z.output<typeof stateProof>;
export type ReceiptProof = z.output<typeof receiptProof>;
export type ContractLog = z.output<typeof log>;

const byAddress = z.object({ address });

/** Routes about contracts, guide §4.3. */
export const contractsContract = {
  contracts: {
    summary: "Contracts, newest first",
    query: pageQuery,
    answer: page(contractSummary),
  },
  contract: {
    summary: "One contract with its code and the root of its storage, proven to a block",
    params: byAddress,
    answer: contractSummary.extend({
      nonce: count,
      code: hexBytes,
      codeHash: hexBytes,
      storageRoot: hex32,
      /** The block whose state this is. */
      provenHeight: count,
      proof: stateProof,
    }),
  },
  contractSlot: {
    summary: "One slot of a contract's storage, proven to a block",
    params: z.object({ address, slot }),
    answer: z.object({ value: hexBytes, provenHeight: count, proof: stateProof }),
  },
  contractCall: {
    summary: "What a call would return now; changes nothing and proves nothing",
    params: byAddress,
    body: z.object({
      data: hexBytes,
      from: address.optional(),
      gasLimit: z.number().int().positive().max(1_000_000_000).optional(),
    }),
    answer: result.extend({ height: count, logs: z.array(log) }),
  },
  contractLogs: {
    summary: "Logs of a contract, oldest first",
    params: byAddress,
    query: pageQuery.extend({ topic: slot.optional() }),
    answer: page(log),
  },
  receipt: {
    summary: "What a contract transaction came to, with its proof",
    params: z.object({ hash: hex32 }),
    answer: result.extend({
      height: count,
      index: count,
      contract: address.nullable(),
      logs: z.array(log),
      proof: receiptProof,
    }),
  },
} as const;
