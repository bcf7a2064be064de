import { asFault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { KeyRing } from "@gridledger/protocol/keys/key-ring";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import { encodeErasureReceipt } from "@gridledger/protocol/objects/erasure-receipt";
import type { Clock } from "../clock.ts";
import type { ObjectChanges } from "../index/query/object-changes.ts";
import { submitSigned } from "../keys/submit-signed.ts";
import type { Log } from "../log.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { PayloadStore } from "./payload-store.ts";

/** A receipt whose window has closed is sent anew after this. */
const AGAIN_MS = 600_000;

interface EraserDeps {
  readonly chain: Chain;
  readonly payloads: Pick<PayloadStore, "erase" | "find">;
  /** In every further store of the hub: the receipt speaks for all of them. */
  readonly eraseStores: (root: Uint8Array) => Promise<void>;
  readonly changes: Pick<ObjectChanges, "erasedRoots" | "receiptsOf">;
  readonly outbox: Pick<Outbox, "submit">;
  /** The hub's. */
  readonly keys: KeyRing;
  readonly headHeight: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Carries out what was decided, guide §9.1 b): bytes and salts go, and a signed receipt says so. */
export class Eraser {
  readonly #deps: EraserDeps;
  #running: Promise<void> = Promise.resolve();
  #cancel: () => void = () => {};

  constructor(deps: EraserDeps) {
    this.#deps = deps;
  }

  /** Erases all that was decided while this hub was away; when it has returned, nothing of it is here. */
  async start(): Promise<void> {
    await this.run();
    this.#again();
  }

  async stop(): Promise<void> {
    this.#cancel();
    await this.#running;
  }

  /** One after the other, so that a payload is erased once. */
  run(): Promise<void> {
    this.#running = this.#running.then(() => this.#eraseAll());
    return this.#running;
  }

  #again(): void {
    this.#cancel = this.#deps.clock.after(AGAIN_MS, () => {
      void this.run();
      this.#again();
    });
  }

  async #eraseAll(): Promise<void> {
    const { changes, eraseStores, keys, log, payloads } = this.#deps;
    const self = formatHex(keys.id);
    try {
      for (const root of await changes.erasedRoots()) {
        if ((await payloads.find(root)) !== undefined) await payloads.erase(root);
        const receipts = await changes.receiptsOf(root);
        if (receipts.some(({ replica }) => replica === self)) continue;
        await eraseStores(root);
        await this.#say(root);
      }
    } catch (thrown) {
      log.error({ err: thrown }, "an erasure could not be carried out; trying again");
    }
  }

  async #say(root: Uint8Array): Promise<void> {
    const { headHeight, log, outbox } = this.#deps;
    const body = {
      kind: kind.erasureReceipt,
      // The same bytes for a while: what is on its way is not sent as another transaction.
      validUntilHeight:
        (Math.floor(headHeight() / (VALIDITY_WINDOW_BLOCKS / 4)) + 3) *
        (VALIDITY_WINDOW_BLOCKS / 4),
      nonce: new Uint8Array(0),
      payload: encodeErasureReceipt({ root }),
    };
    const submit = (encoded: Uint8Array, waitMs: number) => outbox.submit(encoded, waitMs);
    try {
      await submitSigned({ ...this.#deps, submit }, body, 0);
      log.info({ root: formatHex(root) }, "an object was erased");
    } catch (thrown) {
      log.warn({ root: formatHex(root), code: asFault(thrown).code }, "no erasure receipt yet");
    }
  }
}
