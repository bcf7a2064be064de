import type { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Plan } from "@gridledger/protocol/messages/plan";
import type { HeaderRules } from "../consensus/ports.ts";
import { Mempool } from "../mempool/mempool.ts";
import { bytesKey, type PreparedTransaction } from "../state/prepared-transaction.ts";
import type { FinalBlock, LoadedChain } from "../store/chain-store.ts";
import { Bodies } from "./bodies.ts";
import { Branches } from "./branches.ts";
import { Candidates } from "./candidates.ts";
import type { Head } from "./head.ts";
import { Ledger } from "./ledger.ts";
import { plainRules } from "./plain-rules.ts";
import { Proposals } from "./proposals.ts";
import { RunningAhead } from "./running-ahead.ts";

interface ChainPartsDeps {
  readonly chain: Chain;
  /** What the engine asks of the header after a head; where it is absent, what votes ask. */
  readonly rulesAfter?: (head: Head) => HeaderRules;
  readonly store: { append(block: FinalBlock): Promise<void> };
  /** Unix time in ms. */
  readonly now: () => number;
  /** Monotonic time in ms. */
  readonly clock: () => number;
  readonly onStoreFault: (fault: Fault) => void;
  readonly announce?: (plan: Plan) => boolean;
  /** A transaction left the pool without entering the chain. */
  readonly onDropped: (transaction: PreparedTransaction, fault: Fault) => void;
}

/** The chain with what feeds it, wired together. */
export interface ChainParts {
  readonly ledger: Ledger;
  readonly pool: Mempool;
  readonly bodies: Bodies;
  readonly proposals: Proposals;
  readonly ahead: RunningAhead;
  readonly branches: Branches;
  /** The transactions of a proposal, or undefined where one is missing. */
  transactionsOf(
    blockHash: Uint8Array,
    txHashes: readonly Uint8Array[],
  ): readonly PreparedTransaction[] | undefined;
  /** Any transaction that this node can give to another. */
  find(key: string): PreparedTransaction | undefined;
}

export function assembleChain(
  deps: ChainPartsDeps,
  loaded: LoadedChain,
  publicKey: Uint8Array | undefined,
): ChainParts {
  const { chain, rulesAfter = () => plainRules, store, now, clock, onStoreFault, onDropped } = deps;
  const candidates = new Candidates();
  const checked = (blockHash: Uint8Array) => candidates.get(blockHash) ?? branches.get(blockHash);
  const ledger = new Ledger(
    { chain, rulesAfter, store, candidates: { get: checked }, onStoreFault },
    loaded,
  );
  const { recent } = ledger;
  const pool = new Mempool({ chain, head: () => ledger.head, recent, clock, now, onDropped });
  const bodies = new Bodies({ pool });
  const feed = { chain, rulesAfter, ledger, pool, bodies, now };
  const ahead = new RunningAhead({ chain, ledger, bodies, clock, defer: setImmediate });
  const { announce } = deps;
  const proposals = new Proposals({ ...feed, candidates, ahead, announce }, { publicKey });
  const branches = new Branches(feed, { publicKey });
  ledger.onImported(({ head, sealed }) => {
    pool.onBlock(head.height, sealed.transactions);
    candidates.clear();
    ahead.clear();
    proposals.clear();
    bodies.clear();
    branches.onHead();
  });
  return {
    ledger,
    pool,
    bodies,
    proposals,
    ahead,
    branches,
    transactionsOf(blockHash, txHashes) {
      const executed = checked(blockHash)?.transactions;
      if (executed !== undefined) return executed;
      const found = txHashes.map((hash) => bodies.get(bytesKey(hash)));
      return found.every((body) => body !== undefined) ? found : undefined;
    },
    find: (key) => bodies.get(key) ?? candidates.body(key) ?? branches.body(key),
  };
}
