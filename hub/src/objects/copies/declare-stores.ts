import {
  encodeHolderDeclaration,
  type HoldingPlace,
} from "@gridledger/protocol/copies/holder-declaration";
import { asFault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import type { HolderQueries } from "../../index/query/holder-queries.ts";
import { submitSigned } from "../../keys/submit-signed.ts";
import type { Log } from "../../log.ts";
import type { Outbox } from "../../outbox/outbox.ts";

interface DeclareDeps {
  readonly chain: Chain;
  /** The hub's. */
  readonly keys: KeyRing;
  readonly queries: Pick<HolderQueries, "all">;
  readonly outbox: Pick<Outbox, "submit">;
  readonly headHeight: () => number;
  readonly log: Log;
}

/** Says on the chain which further stores this hub has, where the chain has heard something else. */
export class StoreDeclaration {
  readonly #deps: DeclareDeps;
  readonly #places: readonly HoldingPlace[];
  #saidUntilHeight = -1;

  constructor(deps: DeclareDeps, places: readonly HoldingPlace[]) {
    this.#deps = deps;
    this.#places = places;
  }

  /** Once a window. */
  async run(): Promise<void> {
    const { keys, queries, headHeight, log } = this.#deps;
    const declared = (await queries.all()).filter(({ id }) => equalBytes(id, keys.id));
    if (textOf(declared) === textOf(this.#places)) return;
    if (headHeight() < this.#saidUntilHeight) return;
    try {
      await this.#say();
    } catch (thrown) {
      log.warn({ code: asFault(thrown).code }, "copies: stores are not declared yet");
    }
  }

  async #say(): Promise<void> {
    const { headHeight, outbox } = this.#deps;
    const validUntilHeight = headHeight() + VALIDITY_WINDOW_BLOCKS / 2;
    const payload = encodeHolderDeclaration(this.#places);
    const nonce = new Uint8Array(0);
    const body = { kind: kind.holderDeclaration, validUntilHeight, nonce, payload };
    const submit = (encoded: Uint8Array, waitMs: number) => outbox.submit(encoded, waitMs);
    await submitSigned({ ...this.#deps, submit }, body, 0);
    this.#saidUntilHeight = validUntilHeight;
  }
}

function textOf(places: readonly HoldingPlace[]): string {
  return places
    .map(({ name, capacityBytes }) => `${name}=${capacityBytes}`)
    .sort()
    .join();
}
