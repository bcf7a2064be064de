import { z } from "zod";
import type { BlockReader } from "../ethereum/block-reader.ts";
import type { EthereumSource } from "../ethereum/ethereum-source.ts";
import type { Filters } from "../ethereum/filters.ts";
import { type LogSearch, patternOf } from "../ethereum/log-search.ts";
import { logFilter, toData } from "../ethereum/shapes.ts";
import { type RpcMethod, rpcMethod } from "../rpc-method.ts";

const filterId = z.tuple([z.string().regex(/^0x[0-9a-f]{1,64}$/)]);

interface LogMethodsDeps {
  readonly source: EthereumSource;
  readonly reader: BlockReader;
  readonly search: LogSearch;
  readonly filters: Filters;
}

/** Logs, at once or by filters that a program polls. */
export function ethereumLogMethods(deps: LogMethodsDeps): readonly RpcMethod[] {
  const { source, reader, search, filters } = deps;
  return [
    rpcMethod({
      name: "eth_getLogs",
      params: z.tuple([logFilter]),
      run: ([filter]) => search.find(filter),
    }),
    rpcMethod({
      name: "eth_newFilter",
      params: z.tuple([logFilter]),
      run: async ([{ fromBlock, toBlock, ...filter }], { name: caller }) => {
        const after = source.head.height + 1;
        const from = (await reader.heightOf(fromBlock ?? "latest")) ?? after;
        const to = typeof toBlock === "number" ? toBlock : Number.POSITIVE_INFINITY;
        // As Ethereum's nodes do: changes are what comes after, the rest is eth_getFilterLogs.
        return filters.add({ caller, pattern: patternOf(filter), from, to }, after);
      },
    }),
    rpcMethod({
      name: "eth_newBlockFilter",
      params: z.tuple([]),
      run: (_, { name: caller }) => {
        const from = source.head.height + 1;
        const to = Number.POSITIVE_INFINITY;
        return filters.add({ caller, pattern: undefined, from, to }, from);
      },
    }),
    rpcMethod({
      name: "eth_getFilterChanges",
      params: filterId,
      run: ([id], { name }) => changes(deps, name, id),
    }),
    rpcMethod({
      name: "eth_getFilterLogs",
      params: filterId,
      run: async ([id], { name }) => {
        const { pattern, from, to } = filters.get(name, id);
        const last = Math.min(to, source.head.height);
        return pattern === undefined || from > last ? [] : search.between(from, last, pattern);
      },
    }),
    rpcMethod({
      name: "eth_uninstallFilter",
      params: filterId,
      run: ([id], { name }) => filters.remove(name, id),
    }),
  ];
}

/** What is new since the last poll. Where it cannot be told, nothing counts as told. */
async function changes(
  { source, search, filters }: LogMethodsDeps,
  caller: string,
  id: string,
): Promise<unknown[]> {
  const range = filters.due(caller, id, source.head.height);
  if (range === undefined) return [];
  const { pattern } = filters.get(caller, id);
  const [from, to] = range;
  const found = pattern ? await search.between(from, to, pattern) : await hashes(source, from, to);
  filters.told(id, to);
  return found;
}

async function hashes(source: EthereumSource, from: number, to: number): Promise<string[]> {
  await source.stored();
  const found: string[] = [];
  for (let height = from; height <= to; height++) {
    const hash = await source.blockHash(height);
    if (hash !== undefined) found.push(toData(hash));
  }
  return found;
}
