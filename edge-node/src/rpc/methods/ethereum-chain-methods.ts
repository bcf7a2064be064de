import { evmChainId } from "@gridledger/protocol/contracts/address";
import { gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import { z } from "zod";
import { monotonicMs } from "../../engine/monotonic-clock.ts";
import { blockJson, receiptJson } from "../ethereum/block-json.ts";
import type { BlockReader } from "../ethereum/block-reader.ts";
import type { EthereumSource } from "../ethereum/ethereum-source.ts";
import type { RawSender } from "../ethereum/raw-sender.ts";
import {
  type BlockTag,
  blockTag,
  bytes32,
  count,
  data,
  fromData,
  toData,
  toQuantity,
} from "../ethereum/shapes.ts";
import { transactionJson } from "../ethereum/transaction-json.ts";
import { type RpcMethod, rpcMethod } from "../rpc-method.ts";

const none = z.tuple([]);
/** Blocks that one fee history reads. */
const MAX_HISTORY = 64;
/** How long a receipt is waited for. */
const MAX_WAIT_MS = 5_000;

interface ChainMethodsDeps {
  readonly source: EthereumSource;
  readonly reader: BlockReader;
  readonly sender: RawSender;
}

/** The chain and its transactions. Every block that is shown is final, and gas costs nothing. */
export function ethereumChainMethods(deps: ChainMethodsDeps): readonly RpcMethod[] {
  const { source, reader, sender } = deps;
  const chainId = evmChainId(source.chain.chainId);
  const fixed = (name: string, answer: unknown) =>
    rpcMethod({ name, params: none, run: () => answer });
  const block = async (tag: BlockTag, isFull: boolean) => {
    const height = await reader.heightOf(tag);
    const found = height === undefined ? undefined : await reader.block(height);
    return found && blockJson(source.chain, source.head.state, found, isFull);
  };
  const byName = (name: string, toJson: typeof transactionJson, find: BlockReader["find"]) =>
    rpcMethod({
      name,
      params: z.tuple([bytes32]),
      run: async ([hash]) => {
        const found = await find(fromData(hash));
        return found && toJson(source.chain, source.head.state, ...found);
      },
    });
  return [
    fixed("eth_chainId", toQuantity(chainId)),
    fixed("net_version", `${chainId}`),
    fixed("net_listening", true),
    fixed("web3_clientVersion", "Gridledger"),
    fixed("eth_accounts", []),
    fixed("eth_gasPrice", "0x0"),
    fixed("eth_maxPriorityFeePerGas", "0x0"),
    fixed("eth_syncing", false),
    rpcMethod({
      name: "eth_blockNumber",
      params: none,
      run: () => toQuantity(source.head.height),
    }),
    rpcMethod({
      name: "eth_getBlockByNumber",
      params: z.tuple([blockTag, z.boolean().optional()]),
      run: ([tag, isFull = false]) => block(tag, isFull),
    }),
    rpcMethod({
      name: "eth_getBlockByHash",
      params: z.tuple([bytes32, z.boolean().optional()]),
      run: ([blockHash, isFull = false]) => block({ blockHash }, isFull),
    }),
    byName("eth_getTransactionByHash", transactionJson, (name) => reader.find(name)),
    byName("eth_getTransactionReceipt", receiptJson, (name) => awaited(deps, name)),
    rpcMethod({
      name: "eth_feeHistory",
      params: z.tuple([count, blockTag, z.array(z.number()).max(100).nullish()]),
      run: ([blocks, newest, percentiles]) =>
        feeHistory(source, reader, blocks, newest, percentiles),
    }),
    rpcMethod({
      name: "eth_sendRawTransaction",
      params: z.tuple([data]),
      run: ([raw]) => toData(sender.send(fromData(raw))),
    }),
  ];
}

/**
 * A transaction that was sent here and is about to stand in a block is waited for a little. Libraries that
 * heard "not yet" look again with the next block, and on a chain that is silent while idle there is none.
 */
async function awaited(
  { source, reader, sender }: ChainMethodsDeps,
  name: Uint8Array,
): ReturnType<BlockReader["find"]> {
  const untilMs = monotonicMs() + MAX_WAIT_MS;
  for (let leftMs = MAX_WAIT_MS; sender.isWaiting(name) && leftMs > 0; ) {
    await source.nextHead(leftMs);
    leftMs = untilMs - monotonicMs();
  }
  return reader.find(name);
}

async function feeHistory(
  source: EthereumSource,
  reader: BlockReader,
  blocks: number,
  newest: BlockTag,
  percentiles: readonly number[] | null | undefined,
): Promise<object> {
  const last = await reader.knownHeight(newest);
  const size = Math.min(blocks, MAX_HISTORY, last + 1);
  const first = last - size + 1;
  const { maxBlockGas } = gasPolicyOf(source.chain);
  const gasUsedRatio: number[] = [];
  for (let height = first; height <= last; height++) {
    gasUsedRatio.push(((await reader.block(height))?.header?.gasUsed ?? 0) / maxBlockGas);
  }
  return {
    oldestBlock: toQuantity(first),
    baseFeePerGas: Array(size + 1).fill("0x0"),
    gasUsedRatio,
    ...(percentiles ? { reward: Array(size).fill(percentiles.map(() => "0x0")) } : {}),
  };
}
