import type { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Handover } from "@gridledger/protocol/ledger/handover";
import { peekMessageType } from "@gridledger/protocol/messages/message-type";
import { messageType } from "@gridledger/protocol/messages/numbers";
import type { ChainParts } from "../chain/chain-parts.ts";
import { openSealedBlocks } from "../chain/sealed-block.ts";
import type { SignatureVerifier } from "../chain/signature-verifier.ts";
import type { ContractRecords } from "../store/contract-records.ts";
import { Archives } from "./archives.ts";
import { BlockFetcher } from "./block-fetcher.ts";
import { BlockServer } from "./block-server.ts";
import { BodyExchange } from "./body-exchange.ts";
import { ContractServer } from "./contract-server.ts";
import { SnapshotServer } from "./snapshot-server.ts";

interface SyncPartsDeps {
  readonly chain: Chain;
  readonly parts: ChainParts;
  readonly store: {
    readonly firstHeight: number;
    read(fromHeight: number, maxBlocks: number, maxBytes: number): Promise<Uint8Array[]>;
    readonly contracts: ContractRecords;
    hashAt(height: number): Promise<Uint8Array | undefined>;
    sealedAt(height: number): Promise<Uint8Array | undefined>;
    readonly incoming: { handoversTo(height: number): Promise<Handover[]> };
  };
  /** Other threads, which end when there is nothing to catch up with. */
  readonly verifier: SignatureVerifier;
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
  const { ledger, bodies, find } = parts;
  const headHeight = () => ledger.head.height;
  const state = () => ledger.head.state;
  const fetcher = createFetcher(deps);
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
  const contracts = new ContractServer({
    ...{ chain, records: store.contracts, send, clock, onFault },
    head: () => ledger.head,
    stored: () => ledger.stored,
  });
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
  const receivers = receiversOf({ server, snapshots, fetcher, bodyExchange, contracts });
  return {
    fetcher,
    bodyExchange,
    archives,
    stop() {
      fetcher.stop();
      snapshots.stop();
    },
    onMessage: (peer, bytes) => receivers.get(peekMessageType(bytes) ?? -1)?.(peer, bytes),
  };
}

function createFetcher({ chain, parts, verifier, send, clock, log }: SyncPartsDeps): BlockFetcher {
  const { ledger, pool } = parts;
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  const opening = { chain, state: () => ledger.head.state, pool, clock, pause };
  return new BlockFetcher(
    {
      headHeight: () => ledger.head.height,
      open: (blocks, isFar) => openSealedBlocks(opening, blocks, isFar ? verifier : undefined),
      import: (sealed) => ledger.import(sealed, "sync"),
      stored: () => ledger.stored,
      ...{ send, clock, pause },
      onSetAside: (peer, { code, message }, restMs) =>
        log.warn({ peer, code, detail: message, restMs }, "sync: peer set aside"),
      onCaughtUp(run) {
        verifier.stop();
        log.info({ ...run }, "sync: at the tip");
      },
    },
    { maxBlockBytes: chain.genesis.policy.maxBlockBytes },
  );
}

interface Receivers {
  readonly server: BlockServer;
  readonly snapshots: SnapshotServer;
  readonly fetcher: BlockFetcher;
  readonly bodyExchange: BodyExchange;
  readonly contracts: ContractServer;
}

/** Who takes a message, by its number. */
function receiversOf({ server, snapshots, fetcher, bodyExchange, contracts }: Receivers) {
  return new Map<number, (peer: string, bytes: Uint8Array) => unknown>([
    [messageType.getBlocks, (peer, bytes) => server.onRequest(peer, bytes)],
    [messageType.getSnapshot, (peer, bytes) => snapshots.onRequest(peer, bytes)],
    [messageType.blocks, (peer, bytes) => fetcher.onAnswer(peer, bytes)],
    [messageType.getTransactions, (peer, bytes) => bodyExchange.onRequest(peer, bytes)],
    [messageType.transactions, (peer, bytes) => bodyExchange.onAnswer(peer, bytes)],
    [messageType.contractQuery, (peer, bytes) => contracts.onRequest(peer, bytes)],
  ]);
}
