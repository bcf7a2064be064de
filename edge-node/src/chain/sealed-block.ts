import { asFault, type Fault } from "@gridledger/protocol/faults";
import { decodeBlock } from "@gridledger/protocol/ledger/block";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { headerHash } from "@gridledger/protocol/ledger/header";
import { type IdentityKey, keyAt } from "@gridledger/protocol/ledger/identity-keys";
import { identities } from "@gridledger/protocol/ledger/state";
import { PreparedTransaction } from "../state/prepared-transaction.ts";
import type { StateReader } from "../state/state-view.ts";
import type { SealedBlock } from "./ledger.ts";
import type { SignatureCheck, SignatureVerifier } from "./signature-verifier.ts";
import { Slice, type SliceDeps } from "./slice.ts";

/** Signatures that another thread is given at once: handing them over costs little beside. */
const CHUNK = 128;

interface SealedBlocksDeps extends SliceDeps {
  readonly chain: Chain;
  /** The head's state: gives the keys of most senders. */
  readonly state: () => StateReader;
  readonly pool: { get(key: string): PreparedTransaction | undefined };
}

/** The blocks up to the first that cannot be read, and what is wrong with that one. */
export interface OpenedBlocks {
  readonly sealed: readonly SealedBlock[];
  readonly fault: Fault | undefined;
}

/**
 * Decodes neighbouring blocks from a peer and verifies their signatures, with a verifier on its threads and
 * the rest here, in slices, so that large blocks do not hold up votes. Nothing is believed yet:
 * `Ledger.import` checks, and finds the signatures done. Whom a block here enrols, or gives another key,
 * is verified there.
 */
export async function openSealedBlocks(
  deps: SealedBlocksDeps,
  blocks: readonly Uint8Array[],
  verifier?: Verify,
): Promise<OpenedBlocks> {
  const slice = new Slice(deps);
  const signatures = new Signatures(deps.chain.suite.id, verifier);
  const sealed: SealedBlock[] = [];
  let fault: Fault | undefined;
  try {
    for (const encoded of blocks) sealed.push(await openOne(deps, slice, encoded, signatures));
  } catch (thrown) {
    fault = asFault(thrown);
  }
  for (const { transaction, key } of await signatures.settle()) {
    // The verdict is the executor's.
    transaction.verify(deps.chain, key);
    if (slice.isOver) await slice.rest();
  }
  return { sealed, fault };
}

/** @throws Fault CBOR_*, BLOCK_INVALID, SEAL_INVALID, or of a transaction that does not decode */
async function openOne(
  { chain, pool, state }: SealedBlocksDeps,
  slice: Slice,
  encoded: Uint8Array,
  signatures: Signatures,
): Promise<SealedBlock> {
  const { header, encodedHeader, seal, transactions: bodies } = decodeBlock(encoded);
  const transactions: PreparedTransaction[] = [];
  for (const body of bodies) {
    const prepared = new PreparedTransaction(chain, body);
    const transaction = pool.get(prepared.key) ?? prepared;
    transactions.push(transaction);
    const sender = state().get(identities, transaction.sender);
    if (sender !== undefined) {
      signatures.add(transaction, keyAt(chain, sender, header.height));
    }
    if (slice.isOver) await slice.rest();
  }
  const block = {
    header,
    encodedHeader,
    blockHash: headerHash(chain.suite.hash, encodedHeader),
    txHashes: transactions.map(({ hash }) => hash),
  };
  return { block, seal, transactions };
}

type Verify = Pick<SignatureVerifier, "verify">;

interface Unverified extends SignatureCheck {
  readonly transaction: PreparedTransaction;
  readonly key: IdentityKey;
}

/** Signatures that nobody has verified yet, given to the verifier in chunks as they come. */
class Signatures {
  readonly #suiteId: number;
  readonly #verifier: Verify | undefined;
  readonly #given: Promise<readonly Unverified[]>[] = [];
  /** Of other suites than the channel's, which is the one that threads have. */
  readonly #foreign: Unverified[] = [];
  #chunk: Unverified[] = [];

  constructor(suiteId: number, verifier: Verify | undefined) {
    this.#suiteId = suiteId;
    this.#verifier = verifier;
  }

  add(transaction: PreparedTransaction, key: IdentityKey): void {
    if (transaction.isSignedBy(key)) return;
    const { publicKey, suiteId } = key;
    const unverified = { transaction, key, encoded: transaction.encoded, publicKey };
    if (suiteId !== this.#suiteId) this.#foreign.push(unverified);
    else this.#chunk.push(unverified);
    if (this.#chunk.length >= CHUNK) this.#give();
  }

  /** Those that are not known to be right when the verifier has answered. */
  async settle(): Promise<readonly Unverified[]> {
    if (this.#chunk.length > 0) this.#give();
    return [...this.#foreign, ...(await Promise.all(this.#given)).flat()];
  }

  #give(): void {
    this.#given.push(settled(this.#verifier, this.#chunk));
    this.#chunk = [];
  }
}

async function settled(
  verifier: Verify | undefined,
  chunk: readonly Unverified[],
): Promise<readonly Unverified[]> {
  const verdicts = await verifier?.verify(chunk);
  return chunk.filter(({ transaction, key }, i) => {
    if (verdicts?.[i] !== 1) return true;
    transaction.noteVerified(key);
    return false;
  });
}
