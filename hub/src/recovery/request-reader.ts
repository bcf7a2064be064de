import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { ChainView } from "./recovery-deps.ts";
import { type RequestState, requestState } from "./request-state.ts";
import type { KeptKeyTable, StoredKey } from "./tables/kept-key-table.ts";
import type {
  RecoveryRequestTable,
  StoredRelease,
  StoredRequest,
} from "./tables/recovery-request-table.ts";

/** A request with all that says how it stands. */
export interface ReadRequest {
  readonly request: StoredRequest;
  readonly key: StoredKey;
  readonly state: RequestState;
  /** Those that are final on the chain. */
  readonly releases: readonly StoredRelease[];
}

interface ReaderDeps extends ChainView {
  readonly keys: KeptKeyTable;
  readonly requests: RecoveryRequestTable;
  readonly now: () => number;
}

/** Reads kept keys and requests, and what the chain makes of them. */
export class RequestReader {
  readonly #deps: ReaderDeps;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  /** @param owner who says that the key is theirs: identity id in hex @throws Fault RECOVERY_UNKNOWN */
  async key(publicKey: string, owner?: string): Promise<StoredKey> {
    const key = await this.#deps.keys.find(publicKey);
    if (key !== undefined && (owner === undefined || key.owner === owner)) return key;
    throw new Fault("RECOVERY_UNKNOWN", "no such key is kept for recovery");
  }

  /** @throws Fault RECOVERY_UNKNOWN */
  async request(id: string, owner?: string): Promise<ReadRequest> {
    const request = await this.#deps.requests.find(id);
    if (request === undefined) throw new Fault("RECOVERY_UNKNOWN", "there is no such request");
    return this.#read(request, await this.key(request.publicKey, owner));
  }

  /** The newest first. */
  async list(owner: string | undefined, limit: number): Promise<ReadRequest[]> {
    const { keys, requests } = this.#deps;
    const own = owner === undefined ? undefined : await keys.list(owner, limit);
    const ofKeys = own?.map(({ publicKey }) => publicKey);
    const found = await requests.list(ofKeys, limit);
    return Promise.all(
      found.map(async (request) => this.#read(request, await this.key(request.publicKey))),
    );
  }

  async #read(request: StoredRequest, key: StoredKey): Promise<ReadRequest> {
    const { requests, now } = this.#deps;
    const askedHeight = await this.#deps.finalHeight(request.txHash);
    const releases = await this.#final(await requests.releases(request.id));
    const { completedTx } = request;
    const state = requestState({
      ...{ request, key, releases, askedHeight, nowMs: now() },
      isRefused: askedHeight === undefined && (await this.#isRefused(request.txHash)),
      isCompleted:
        completedTx !== null && (await this.#deps.finalHeight(completedTx)) !== undefined,
      isReplaced: await this.#isReplaced(request, askedHeight),
    });
    return { request, key, state, releases };
  }

  async #final(releases: readonly StoredRelease[]): Promise<StoredRelease[]> {
    const heights = await Promise.all(releases.map(({ txHash }) => this.#deps.finalHeight(txHash)));
    return releases.filter((_, index) => heights[index] !== undefined);
  }

  async #isRefused(txHash: Uint8Array): Promise<boolean> {
    const entry = await this.#deps.findSpooled(txHash);
    return entry === undefined || entry.refusal !== null;
  }

  async #isReplaced(request: StoredRequest, askedHeight = Infinity): Promise<boolean> {
    const others = await this.#deps.requests.list([request.publicKey], 500);
    for (const { id, txHash } of others) {
      const height = id === request.id ? undefined : await this.#deps.finalHeight(txHash);
      if (height !== undefined && height > askedHeight) return true;
    }
    return false;
  }
}

/** By place, from 1; 0 for nobody's. */
export function placeOfCustodian({ custodians }: StoredKey, id: string): number {
  return custodians.findIndex((one) => formatHex(one.id) === id) + 1;
}
