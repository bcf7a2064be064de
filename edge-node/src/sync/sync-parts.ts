import type { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { messageType } from "@gridledger/protocol/messages/numbers";
import type { ChainParts } from "../chain/chain-parts.ts";
import { openSealedBlock } from "../chain/sealed-block.ts";
import { BlockFetcher } from "./block-fetcher.ts";
import { BlockServer } from "./block-server.ts";
import { BodyExchange } from "./body-exchange.ts";
import { ContractServer } from "./contract-server.ts";
import { peekMessageType } from "./message-type.ts";

interface SyncPartsDeps {
  readonly chain: Chain;
  readonly parts: ChainParts;
  readonly store: {
    read(fromHeight: number, maxBlocks: number, maxBytes: number): Promise<Uint8Array[]>;
    readReceipts(height: number): Promise<readonly Uint8Array[] | undefined>;
  };
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  /** Monotonic time in ms. */
  readonly clock: () => number;
  readonly queuedBytes: () => number;
  readonly onBodiesArrived: () => void;
  readonly onFault: (peer: string, fault: Fault) => void;
}

export interface SyncParts {
  readonly fetcher: BlockFetcher;
  readonly bodyExchange: BodyExchange;
  /** A message to this node on the sync topic. */
  onMessage(peer: string, bytes: Uint8Array): void;
}

/** Everything that goes from node to node beside consensus. */
export function assembleSync(deps: SyncPartsDeps): SyncParts {
  const { chain, parts, store, send, clock, queuedBytes, onBodiesArrived, onFault } = deps;
  const { ledger, pool, bodies, find } = parts;
  const headHeight = () => ledger.head.height;
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  const state = () => ledger.head.state;
  const fetcher = new BlockFetcher(
    {
      headHeight,
      send,
      open: (encoded) => openSealedBlock({ chain, state, pool, clock, pause }, encoded),
      import: (sealed) => ledger.import(sealed, "sync"),
      stored: () => ledger.stored,
      clock,
      onFault,
    },
    { maxBlockBytes: chain.genesis.policy.maxBlockBytes },
  );
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const server = new BlockServer({ store, headHeight, send, sleep, onFault });
  const head = () => ledger.head;
  const stored = () => ledger.stored;
  const contracts = new ContractServer({ chain, head, stored, store, send, clock, onFault });
  const bodyExchange = new BodyExchange({
    chain,
    bodies,
    find,
    queuedBytes,
    sleep,
    send,
    clock,
    onArrived: onBodiesArrived,
    onFault,
  });
  return {
    fetcher,
    bodyExchange,
    onMessage(peer, bytes) {
      const type = peekMessageType(bytes);
      if (type === messageType.getBlocks) void server.onRequest(peer, bytes);
      else if (type === messageType.blocks) fetcher.onAnswer(peer, bytes);
      else if (type === messageType.getTransactions) bodyExchange.onRequest(peer, bytes);
      else if (type === messageType.transactions) bodyExchange.onAnswer(peer, bytes);
      else if (type === messageType.contractQuery) void contracts.onRequest(peer, bytes);
    },
  };
}
