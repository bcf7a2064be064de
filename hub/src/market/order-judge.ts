import { decodeReceipt, type Receipt } from "@gridledger/protocol/contracts/receipt";
import { revertReason } from "@gridledger/protocol/contracts/revert-reason";
import { Fault } from "@gridledger/protocol/faults";
import { faultTolerance } from "@gridledger/protocol/ledger/validators";
import { marketRefusal } from "@gridledger/protocol/market/refusals";
import type { Clock } from "../clock.ts";
import type { CallRequest, ContractIndex } from "../index/contracts/contract-index.ts";
import type { TransactionQueries } from "../index/query/transaction-queries.ts";

/** The receipts of a block come a moment after it. */
const RECEIPT_MS = 3_000;

interface OrderJudgeDeps {
  readonly index: {
    readonly contracts: Pick<ContractIndex, "calls" | "onLogs"> & {
      readonly queries: Pick<ContractIndex["queries"], "receiptsOf">;
    };
    readonly transactions: Pick<TransactionQueries, "byHash">;
    readonly sets: { readonly latest: { readonly validators: readonly unknown[] } };
  };
  readonly clock: Pick<Clock, "after">;
}

/** What the market says to an order: before it is sent, and when its block is final (guide §3.2). */
export class OrderJudge {
  readonly #deps: OrderJudgeDeps;

  constructor(deps: OrderJudgeDeps) {
    this.#deps = deps;
  }

  /**
   * Nothing proves what a validator foresees: only what more of them refuse than may lie is refused.
   * Where they are silent the order goes its way.
   *
   * @throws Fault ORDER_*, MARKET_*
   */
  async foresee(request: CallRequest): Promise<void> {
    const refusal = await this.#foreseen(request);
    if (refusal !== undefined) throw refusal;
  }

  /** Once its block is final; nothing where its receipt is late. @throws Fault ORDER_*, MARKET_* */
  async conclude(hash: Uint8Array): Promise<void> {
    const receipt = await this.#receipt(hash);
    const refusal = receipt && refusalOf(receipt);
    if (refusal !== undefined) throw refusal;
  }

  async #foreseen(request: CallRequest): Promise<Fault | undefined> {
    const { contracts, sets } = this.#deps.index;
    let refusals = 0;
    try {
      for await (const receipt of contracts.calls(request)) {
        const refusal = refusalOf(receipt);
        if (refusal === undefined) return undefined;
        if (++refusals > faultTolerance(sets.latest.validators.length)) return refusal;
      }
    } catch (thrown) {
      // A validator that answers nonsense foresees nothing.
      if (!(thrown instanceof Fault)) throw thrown;
    }
    return undefined;
  }

  async #receipt(hash: Uint8Array): Promise<Receipt | undefined> {
    const { index, clock } = this.#deps;
    let wake: () => void = () => undefined;
    let isLate = false;
    const unlisten = index.contracts.onLogs(() => wake());
    const cancel = clock.after(RECEIPT_MS, () => {
      isLate = true;
      wake();
    });
    try {
      for (;;) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const found = await this.#find(hash);
        if (found !== undefined || isLate) return found;
        await woken;
      }
    } finally {
      cancel();
      unlisten();
    }
  }

  async #find(hash: Uint8Array): Promise<Receipt | undefined> {
    const { transactions, contracts } = this.#deps.index;
    const place = await transactions.byHash(hash);
    if (place === undefined) return undefined;
    const encoded = await contracts.queries.receiptsOf(place.height);
    return encoded.map(decodeReceipt).find(({ index }) => index === place.index);
  }
}

function refusalOf({ outcome, output }: Receipt): Fault | undefined {
  return marketRefusal({ outcome, reason: revertReason(output) });
}
