import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeManifest, PUTTERS } from "@gridledger/protocol/objects/manifest";
import { objectTable } from "@gridledger/protocol/objects/object-table";
import type { StateReader, StateView } from "./state-view.ts";
import type { BlockPlace, PlainOperation, Sender, TransactionKind } from "./transaction-kind.ts";

/** A data object is named by its root, once, guide §4.4.1. */
class DataObjectOperation implements PlainOperation {
  readonly #root: Uint8Array;

  constructor(root: Uint8Array) {
    this.#root = root;
  }

  check(state: StateReader): Fault | undefined {
    const known = state.get(objectTable, this.#root);
    if (known === undefined) return undefined;
    return new Fault("OBJECT_EXISTS", `${formatHex(this.#root)} is in block ${known.height}`);
  }

  write(state: StateView, { id }: Sender, { height }: BlockPlace): void {
    const fresh = { successor: undefined, erasedHeight: undefined };
    state.set(objectTable, this.#root, { ownerId: new Uint8Array(id), height, ...fresh });
  }
}

export const dataObjects: TransactionKind = {
  number: kind.dataObject,
  senderRoles: PUTTERS,
  read: (_chain, payload) => new DataObjectOperation(decodeManifest(payload).root),
};
