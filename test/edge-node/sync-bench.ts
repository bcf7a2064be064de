import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FaultCode } from "@gridledger/protocol/faults";
import { encodeBlock } from "@gridledger/protocol/ledger/block";
import { encodeBlocks } from "@gridledger/protocol/messages/blocks";
import { decodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import { assembleChain } from "../../edge-node/src/chain/chain-parts.ts";
import type { SealedBlock } from "../../edge-node/src/chain/ledger.ts";
import { openSealedBlocks } from "../../edge-node/src/chain/sealed-block.ts";
import { BlockFetcher } from "../../edge-node/src/sync/block-fetcher.ts";
import type { CatchUp } from "../../edge-node/src/sync/page-importer.ts";
import { Meter, network, type Person, sealedBlock, unloaded } from "./support.ts";

export const net = network();
const { chain, devices } = net;
const [device] = devices as [Person];

export function parts({ chain } = net) {
  return assembleChain(
    {
      chain,
      store: { append: () => Promise.resolve() },
      now: Date.now,
      clock: () => 0,
      onStoreFault: (fault) => assert.fail(fault),
      onDropped: () => {},
    },
    unloaded(chain),
    undefined,
  );
}

export function encode({ block, seal, transactions }: SealedBlock): Uint8Array {
  return encodeBlock(
    block.encodedHeader,
    seal,
    transactions.map(({ encoded }) => encoded),
  );
}

/** A chain of so many blocks, as its nodes store it. */
export function history(count: number): Uint8Array[] {
  const { ledger } = parts();
  const meter = new Meter(chain, device, "m");
  return Array.from({ length: count }, () => {
    const sealed = sealedBlock(net, ledger.head, [meter.next()]);
    ledger.import(sealed, "sync");
    return encode(sealed);
  });
}

export type Answer = (fromHeight: number, maxBlocks: number) => Uint8Array | undefined;

/** A fetcher with peers that answer as the test says. */
export class Bench {
  readonly node = parts();
  readonly asked: string[] = [];
  readonly ranges: [peer: string, from: number, to: number][] = [];
  readonly faults: [peer: string, code: FaultCode][] = [];
  readonly runs: CatchUp[] = [];
  clockMs = 0;
  readonly fetcher: BlockFetcher;

  constructor(peers: Readonly<Record<string, Answer>>) {
    const { ledger, pool } = this.node;
    const clock = () => this.clockMs;
    const pause = () => nextTurn();
    this.fetcher = new BlockFetcher(
      {
        headHeight: () => ledger.head.height,
        send: (peer, bytes) => {
          this.asked.push(peer);
          const { fromHeight, maxBlocks } = decodeGetBlocks(bytes);
          this.ranges.push([peer, fromHeight, fromHeight + maxBlocks - 1]);
          const answer = peers[peer]?.(fromHeight, maxBlocks);
          if (answer !== undefined) setImmediate(() => this.fetcher.onAnswer(peer, answer));
          return true;
        },
        open: (blocks) =>
          openSealedBlocks({ chain, state: () => ledger.head.state, pool, clock, pause }, blocks),
        import: (sealed) => ledger.import(sealed, "sync"),
        stored: () => ledger.stored,
        clock,
        pause,
        onSetAside: (peer, { code }) => this.faults.push([peer, code]),
        onCaughtUp: (run) => this.runs.push(run),
      },
      { maxBlockBytes: 1_000_000 },
    );
  }

  get height(): number {
    return this.node.ledger.head.height;
  }

  async turns(count = 60): Promise<void> {
    for (let i = 0; i < count; i++) await nextTurn();
  }

  async settle(): Promise<void> {
    await this.turns();
    this.fetcher.stop();
  }
}

export function honest(blocks: readonly Uint8Array[], page = 64): Answer {
  return (from, maxBlocks) =>
    encodeBlocks({
      headHeight: blocks.length,
      more: false,
      blocks: blocks.slice(from - 1, from - 1 + Math.min(page, maxBlocks)),
    });
}
