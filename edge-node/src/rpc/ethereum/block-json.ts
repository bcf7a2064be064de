import { keccak256 } from "@gridledger/protocol/contracts/keccak";
import type { Log } from "@gridledger/protocol/contracts/receipt";
import { type Chain, gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import type { StateReader } from "../../state/state-view.ts";
import type { ContractBlock, PlacedTransaction } from "./block-reader.ts";
import { bloomOf } from "./bloom.ts";
import { toData, toQuantity } from "./shapes.ts";
import { partiesOf, transactionJson } from "./transaction-json.ts";

const NOTHING = new Uint8Array(32);
const NOBODY = toData(new Uint8Array(20));
/** Of an empty list of uncles. */
const NO_UNCLES = toData(keccak256(Uint8Array.of(0xc0)));

/** A block. Its hash and roots are the chain's own: they are not to be had from these fields. */
export function blockJson(
  chain: Chain,
  state: StateReader,
  block: ContractBlock,
  isFull: boolean,
): object {
  const { header, transactions } = block;
  const timeMs = header?.timeMs ?? chain.genesis.createdMs;
  const logs = transactions.flatMap(({ receipt }) => receipt.logs);
  return {
    number: toQuantity(header?.height ?? 0),
    hash: toData(block.hash),
    parentHash: toData(header?.parentHash ?? NOTHING),
    timestamp: toQuantity(Math.floor(timeMs / 1_000)),
    transactionsRoot: toData(header?.txRoot ?? NOTHING),
    stateRoot: toData(header?.stateRoot ?? NOTHING),
    receiptsRoot: toData(header?.receiptRoot ?? NOTHING),
    mixHash: toData(header?.parentHash ?? NOTHING), // PREVRANDAO
    logsBloom: toData(bloomOf(logs)),
    gasLimit: toQuantity(gasPolicyOf(chain).maxBlockGas),
    gasUsed: toQuantity(header?.gasUsed ?? 0),
    size: toQuantity(block.bytes),
    ...{ baseFeePerGas: "0x0", difficulty: "0x0", totalDifficulty: "0x0" },
    ...{ nonce: "0x0000000000000000", sha3Uncles: NO_UNCLES, uncles: [] },
    ...{ miner: NOBODY, extraData: "0x" },
    transactions: transactions.map((transaction) =>
      isFull ? transactionJson(chain, state, block, transaction) : toData(transaction.name),
    ),
  };
}

/** What is told of logs beside what they say. */
interface LogPlace {
  readonly blockHash: Uint8Array;
  readonly height: number;
  readonly name: Uint8Array;
  readonly index: number;
  /** Running number in the block. */
  readonly logIndex: number;
}

export function logJson({ address, topics, data }: Log, place: LogPlace): object {
  return {
    ...{ address: toData(address), topics: topics.map(toData), data: toData(data) },
    blockHash: toData(place.blockHash),
    blockNumber: toQuantity(place.height),
    transactionHash: toData(place.name),
    transactionIndex: toQuantity(place.index),
    logIndex: toQuantity(place.logIndex),
    removed: false,
  };
}

export function receiptJson(
  chain: Chain,
  state: StateReader,
  block: ContractBlock,
  { index, name, encoded, receipt }: PlacedTransaction,
): object {
  const before = block.transactions.filter((other) => other.index < index);
  const total = (of: (one: PlacedTransaction) => number) =>
    before.reduce((sum, one) => sum + of(one), 0);
  const firstLog = total((one) => one.receipt.logs.length);
  const height = block.header?.height ?? 0;
  const { outcome, gasUsed, contract, output, logs } = receipt;
  const place = { blockHash: block.hash, height, name, index };
  return {
    ...partiesOf(chain, state, encoded),
    transactionHash: toData(name),
    transactionIndex: toQuantity(index),
    blockHash: toData(block.hash),
    blockNumber: toQuantity(height),
    status: outcome === "success" ? "0x1" : "0x0",
    outcome,
    gasUsed: toQuantity(gasUsed),
    cumulativeGasUsed: toQuantity(gasUsed + total((one) => one.receipt.gasUsed)),
    effectiveGasPrice: "0x0",
    type: "0x0",
    contractAddress: contract === null ? null : toData(contract),
    logsBloom: toData(bloomOf(logs)),
    logs: logs.map((log, i) => logJson(log, { ...place, logIndex: firstLog + i })),
    ...(outcome === "reverted" ? { revertReason: toData(output) } : {}),
  };
}
