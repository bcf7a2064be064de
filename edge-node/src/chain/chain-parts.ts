import type { Fault } from "@gridledger/protocol/faults";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { Mempool } from "../mempool/mempool.ts";
import { bytesKey, type PreparedTransaction } from "../state/prepared-transaction.ts";
import type { FinalBlock, LoadedChain } from "../store/chain-store.ts";
import { Bodies } from "./bodies.ts";
import { Candidates } from "./candidates.ts";
import { Ledger } from "./ledger.ts";
import { Proposals } from "./proposals.ts";

interface ChainPartsDeps {
  readonly chain: Chain;
  readonly store: { append(block: FinalBlock): Promise<void> };
  /** Unix time in ms. */
  readonly now: () => number;
  /** Monotonic time in ms. */
  readonly clock: () => number;
  readonly onStoreFault: (fault: Fault) => void;
  /** A transaction left the pool without entering the chain. */
  readonly onDropped: (transaction: PreparedTransaction, fault: Fault) => void;
}

/** The chain with what feeds it, wired together. */
export interface ChainParts {
  readonly ledger: Ledger;
  readonly pool: Mempool;
  readonly bodies: Bodies;
  readonly proposals: Proposals;
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
  const { chain, store, now, clock, onStoreFault, onDropped } = deps;
  const candidates = new Candidates();
  const ledger = new Ledger({ chain, store, candidates, onStoreFault }, loaded);
  const { recent } = ledger;
  const pool = new Mempool({ chain, head: () => ledger.head, recent, clock, now, onDropped });
  const bodies = new Bodies({ pool });
  const proposals = new Proposals({ chain, ledger, pool, bodies, candidates, now }, { publicKey });
  ledger.onImported(({ head, sealed }) => {
    pool.onBlock(head.height, sealed.transactions);
    candidates.clear();
    bodies.clear();
  });
  return {
    ledger,
    pool,
    bodies,
    proposals,
    transactionsOf(blockHash, txHashes) {
      const checked = candidates.get(blockHash)?.transactions;
      if (checked !== undefined) return checked;
      const found = txHashes.map((hash) => bodies.get(bytesKey(hash)));
      return found.every((body) => body !== undefined) ? found : undefined;
    },
    find: (key) => bodies.get(key) ?? candidates.body(key),
  };
}
