import { decodeReceipt, type Log } from "@gridledger/protocol/contracts/receipt";
import { Fault } from "@gridledger/protocol/faults";
import { logJson } from "./block-json.ts";
import type { BlockReader } from "./block-reader.ts";
import type { EthereumSource } from "./ethereum-source.ts";
import { fromData, type LogFilter } from "./shapes.ts";

const MAX_BLOCKS = 10_000;
const MAX_LOGS = 2_000;
/** Blocks with receipts that are read at once; others have their turn between. */
const PAGE_BLOCKS = 64;

/** What a log must have; a text is bytes as latin1. */
export interface LogPattern {
  /** Undefined: any. */
  readonly addresses: ReadonlySet<string> | undefined;
  /** By place; undefined: any. */
  readonly topics: readonly (ReadonlySet<string> | undefined)[];
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

function setOf(hex: string | readonly string[]): ReadonlySet<string> {
  return new Set([hex].flat().map((text) => textOf(fromData(text))));
}

export function patternOf({ address, topics }: LogFilter): LogPattern {
  const isAny = address == null || address.length === 0;
  return {
    addresses: isAny ? undefined : setOf(address),
    topics: (topics ?? []).map((topic) =>
      topic === null || topic.length === 0 ? undefined : setOf(topic),
    ),
  };
}

export function matches({ addresses, topics }: LogPattern, log: Log): boolean {
  if (addresses !== undefined && !addresses.has(textOf(log.address))) return false;
  if (topics.length > log.topics.length) return false;
  return topics.every((wanted, i) => wanted === undefined || wanted.has(textOf(log.topics[i]!)));
}

/** Looks for logs in the receipts that the node holds. */
export class LogSearch {
  readonly #source: EthereumSource;
  readonly #reader: BlockReader;

  constructor(source: EthereumSource, reader: BlockReader) {
    this.#source = source;
    this.#reader = reader;
  }

  /** @throws Fault LOG_RANGE, NOT_FOUND */
  async find(filter: LogFilter): Promise<object[]> {
    const [from, to] = await this.#range(filter);
    return this.between(from, to, patternOf(filter));
  }

  /** Logs from one block to another, both with. @throws Fault LOG_RANGE, NOT_FOUND */
  async between(from: number, to: number, pattern: LogPattern): Promise<object[]> {
    this.#checkRange(from, to);
    await this.#source.stored();
    const found: object[] = [];
    for (let next = from; next <= to; ) {
      const page = await this.#source.records.between(next, to, PAGE_BLOCKS);
      for (const { height, receipts } of page) {
        found.push(...(await this.#inBlock(height, receipts, pattern)));
        if (found.length > MAX_LOGS) throw new Fault("LOG_RANGE", `more than ${MAX_LOGS} logs`);
      }
      const last = page.at(-1);
      if (last === undefined) break;
      next = last.height + 1;
    }
    return found;
  }

  async #range({ blockHash, fromBlock, toBlock }: LogFilter): Promise<[from: number, to: number]> {
    if (blockHash !== undefined) {
      const height = await this.#reader.knownHeight({ blockHash });
      return [height, height];
    }
    const from = await this.#reader.knownHeight(fromBlock ?? "latest");
    // Programs ask for the block that will be next.
    const to = (await this.#reader.heightOf(toBlock ?? "latest")) ?? this.#source.head.height;
    return [from, to];
  }

  #checkRange(from: number, to: number): void {
    if (to - from >= MAX_BLOCKS) {
      throw new Fault("LOG_RANGE", `${to - from + 1} blocks, at most ${MAX_BLOCKS} at once`);
    }
    const { firstHeight } = this.#source;
    if (from > 0 && from < firstHeight) {
      throw new Fault("NOT_FOUND", `this node holds no block below ${firstHeight}`);
    }
  }

  async #inBlock(
    height: number,
    receipts: readonly Uint8Array[],
    pattern: LogPattern,
  ): Promise<object[]> {
    let logIndex = 0;
    const hits = receipts
      .map(decodeReceipt)
      .flatMap(({ index, logs }) =>
        logs
          .map((log) => ({ log, index, logIndex: logIndex++ }))
          .filter(({ log }) => matches(pattern, log)),
      );
    if (hits.length === 0) return [];
    const blockHash = await this.#source.blockHash(height);
    const names = await this.#source.records.namesAt(height);
    if (blockHash === undefined) return [];
    return hits.flatMap(({ log, ...place }) => {
      const name = names.get(place.index);
      return name ? [logJson(log, { blockHash, height, name, ...place })] : [];
    });
  }
}
