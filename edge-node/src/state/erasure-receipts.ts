import { HOLDERS } from "@gridledger/protocol/copies/holder-declaration";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeErasureReceipt } from "@gridledger/protocol/objects/erasure-receipt";
import { objectTable } from "@gridledger/protocol/objects/object-table";
import type { StateReader } from "./state-view.ts";
import type { PlainOperation, TransactionKind } from "./transaction-kind.ts";

/** A replica says that it has erased; the transaction is the record, the state keeps nothing of it. */
class ErasureReceiptOperation implements PlainOperation {
  readonly #root: Uint8Array;

  constructor(root: Uint8Array) {
    this.#root = root;
  }

  check(state: StateReader): Fault | undefined {
    if (state.get(objectTable, this.#root)?.erasedHeight !== undefined) return undefined;
    return new Fault("OBJECT_UNKNOWN", `nobody decided to erase ${formatHex(this.#root)}`);
  }

  write(): void {
    // Said all: who has not sent one is seen from the transactions.
  }
}

export const erasureReceipts: TransactionKind = {
  number: kind.erasureReceipt,
  senderRoles: HOLDERS,
  read: (_chain, payload) => new ErasureReceiptOperation(decodeErasureReceipt(payload).root),
};
