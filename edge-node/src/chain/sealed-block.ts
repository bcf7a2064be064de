import { decodeBlock } from "@gridledger/protocol/ledger/block";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { headerHash } from "@gridledger/protocol/ledger/header";
import { keyAt } from "@gridledger/protocol/ledger/identity-keys";
import { identities } from "@gridledger/protocol/ledger/state";
import { PreparedTransaction } from "../state/prepared-transaction.ts";
import type { StateReader } from "../state/state-view.ts";
import type { SealedBlock } from "./ledger.ts";

const SLICE_MS = 4;

interface SealedBlockDeps {
  readonly chain: Chain;
  /** The head's state: gives the keys of most senders. */
  readonly state: () => StateReader;
  readonly pool: { get(key: string): PreparedTransaction | undefined };
  /** Monotonic time in ms. */
  readonly clock: () => number;
  /** Lets input that waits be read. */
  readonly pause: () => Promise<void>;
}

/**
 * Decodes a block from a peer and verifies its signatures in slices, so that a large block does not
 * hold up votes. Nothing is believed yet: `Ledger.import` checks, and finds the signatures done.
 *
 * @throws Fault CBOR_*, BLOCK_INVALID, SEAL_INVALID, or of a transaction that does not decode
 */
export async function openSealedBlock(
  deps: SealedBlockDeps,
  encoded: Uint8Array,
): Promise<SealedBlock> {
  const { chain, pool, clock, pause } = deps;
  const { header, encodedHeader, seal, transactions: bodies } = decodeBlock(encoded);
  const transactions: PreparedTransaction[] = [];
  let until = clock() + SLICE_MS;
  for (const body of bodies) {
    const prepared = new PreparedTransaction(chain, body);
    const transaction = pool.get(prepared.key) ?? prepared;
    const sender = deps.state().get(identities, transaction.sender);
    // The verdict is the executor's; a sender whom a block not yet here enrols is verified there.
    if (sender !== undefined) transaction.verify(chain, keyAt(chain, sender, header.height));
    transactions.push(transaction);
    if (clock() < until) continue;
    await pause();
    until = clock() + SLICE_MS;
  }
  const block = {
    header,
    encodedHeader,
    blockHash: headerHash(chain.suite.hash, encodedHeader),
    txHashes: transactions.map(({ hash }) => hash),
  };
  return { block, seal, transactions };
}
