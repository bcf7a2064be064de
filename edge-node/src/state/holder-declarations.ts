import {
  decodeHolderDeclaration,
  HOLDERS,
  type HoldingPlace,
} from "@gridledger/protocol/copies/holder-declaration";
import { holderTable, MAX_HOLDERS } from "@gridledger/protocol/copies/holder-table";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { StateReader, StateView } from "./state-view.ts";
import type { PlainOperation, Sender, TransactionKind } from "./transaction-kind.ts";

/** Who keeps copies of objects, and how many bytes of them: what the placement rule counts with, guide §10.5. */
class HolderDeclarationOperation implements PlainOperation {
  readonly #places: readonly HoldingPlace[];

  constructor(places: readonly HoldingPlace[]) {
    this.#places = places;
  }

  check(state: StateReader, { id, identity }: Sender): Fault | undefined {
    // A node has one place, its own; a hub's stores have names.
    const isHub = identity.role === "hub";
    if (this.#places.some(({ name }) => isHub === (name === ""))) {
      return new Fault("COPY_SHAPE", isHub ? "a hub's store needs a name" : "a node has no stores");
    }
    const known = state.get(holderTable, "") ?? [];
    if (known.length < MAX_HOLDERS || known.some((one) => equalBytes(one.id, id))) return undefined;
    return new Fault("COPY_SPACE", `${MAX_HOLDERS} holders are declared already`);
  }

  write(state: StateView, { id }: Sender): void {
    const known = state.get(holderTable, "") ?? [];
    const places = this.#places;
    const others = known.filter((one) => !equalBytes(one.id, id));
    const own = places.length === 0 ? [] : [{ id: new Uint8Array(id), places }];
    const holders = [...others, ...own];
    if (holders.length === 0) state.delete(holderTable, "");
    else state.set(holderTable, "", holders);
  }
}

export const holderDeclarations: TransactionKind = {
  number: kind.holderDeclaration,
  senderRoles: HOLDERS,
  read: (_chain, payload) => new HolderDeclarationOperation(decodeHolderDeclaration(payload)),
};
