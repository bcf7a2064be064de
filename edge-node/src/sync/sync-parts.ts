import type { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Handover } from "@gridledger/protocol/ledger/handover";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import type { ChainParts } from "../chain/chain-parts.ts";
import { openSealedBlock } from "../chain/sealed-block.ts";
import { Archives } from "./archives.ts";
import { BlockFetcher } from "./block-fetcher.ts";
import { BlockServer } from "./block-server.ts";
import { BodyExchange } from "./body-exchange.ts";
import { SnapshotServer } from "./snapshot-server.ts";

interface SyncPartsDeps {
  readonly chain: Chain;
  readonly parts: ChainParts;
  readonly store: {
    readonly firstHeight: number;
    read(fromHeight: number, maxBlocks: number, maxBytes: number): Promise<Uint8Array[]>;
    hashAt(height: number): Promise<Uint8Array | undefined>;
    sealedAt(height: number): Promise<Uint8Array | undefined>;
    readonly incoming: { handoversTo(height: number): Promise<Handover[]> };
  };
  readonly send: (peer: string, bytes: Uint8Array) => boolean;
  /** Monotonic time in ms. */
  readonly clock: () => number;
  readonly queuedBytes: () => number;
  readonly onBodiesArrived: () => void;
  readonly log: {
    info(data: object, message: string): void;
    warn(data: object, message: string): void;
    error(data: object, message: string): void;
  };
}

export interface SyncParts {
  readonly fetcher: BlockFetcher;
  readonly bodyExchange: BodyExchange;
  readonly archives: Archives;
  stop(): void;
  /** A message to this node on the sync topic. */
  onMessage(peer: string, bytes: Uint8Array): void;
}

/** Everything that goes from node to node beside consensus. */
export function assembleSync(deps: SyncPartsDeps): SyncParts {
  const { chain, parts, store, send, clock, queuedBytes, onBodiesArrived, log } = deps;
  const onFault = (peer: string, { code, message }: Fault) =>
    log.warn({ peer, code, detail: message }, "sync: no use of a message");
  const onSetAside = (peer: string, { code, message }: Fault, restMs: number) =>
    log.warn({ peer, code, detail: message, restMs }, "sync: peer set aside");
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
      onSetAside,
      onCaughtUp: (run) => log.info({ ...run }, "sync: at the tip"),
    },
    { maxBlockBytes: chain.genesis.policy.maxBlockBytes },
  );
  const archives = new Archives({
    ...{ chain, state, headHeight, log },
    hashAt: (height) => store.hashAt(height),
    onConfirmed: (archive, height) => fetcher.hint(archive, height, true),
  });
  const pruned = () => {
    const { firstHeight } = store;
    return firstHeight === 1 ? undefined : { firstHeight, archiveId: archives.id };
  };
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const server = new BlockServer({ store, headHeight, pruned, send, sleep, onFault });
  const snapshots = new SnapshotServer({
    head: () => ledger.head,
    store: {
      sealedAt: (height) => store.sealedAt(height),
      handoversTo: (height) => store.incoming.handoversTo(height),
    },
    ...{ send, clock, onFault },
  });
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
    archives,
    stop() {
      fetcher.stop();
      snapshots.stop();
    },
    onMessage(peer, bytes) {
      const type = peekMessageType(bytes);
      if (type === messageType.getBlocks) void server.onRequest(peer, bytes);
      else if (type === messageType.getSnapshot) void snapshots.onRequest(peer, bytes);
      else if (type === messageType.blocks) fetcher.onAnswer(peer, bytes);
      else if (type === messageType.getTransactions) bodyExchange.onRequest(peer, bytes);
      else if (type === messageType.transactions) bodyExchange.onAnswer(peer, bytes);
    },
  };
}
