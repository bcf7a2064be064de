import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { anchoredTables } from "@gridledger/protocol/ledger/anchored-tables";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  decodeMappingAnchor,
  type MappingAnchor,
} from "@gridledger/protocol/ledger/mapping-anchor";
import { checkNext } from "./next-in-line.ts";
import type { StateReader, StateView } from "./state-view.ts";
import type { PlainOperation, Sender, TransactionKind } from "./transaction-kind.ts";

/** An anchor of a mapped table follows the last one without a gap, guide §9.2: history has one line. */
class MappingAnchorOperation implements PlainOperation {
  readonly #anchor: MappingAnchor;
  readonly #payloadHash: Uint8Array;

  constructor({ suite }: Chain, payload: Uint8Array) {
    this.#anchor = decodeMappingAnchor(payload);
    this.#payloadHash = new Uint8Array(suite.hash(payload));
  }

  check(state: StateReader, sender: Sender): Fault | undefined {
    const { mappingId, fingerprint, batch, previousHash } = this.#anchor;
    const id = formatHex(mappingId);
    const last = state.get(anchoredTables, mappingId);
    if (last !== undefined && !equalBytes(last.ownerId, sender.id)) {
      return new Fault("MAPPING_OWNED", `mapping ${id} is anchored by another`);
    }
    const what = `batch ${batch} of mapping ${id}`;
    const next = { code: "MAPPING_SEQUENCE", what, number: batch, previousHash } as const;
    const gap = checkNext(next, last?.batch, last?.payloadHash);
    if (gap !== undefined) return gap;
    if (last !== undefined && !equalBytes(last.fingerprint, fingerprint)) {
      return new Fault("MAPPING_FINGERPRINT", `mapping ${id} was anchored of another table`);
    }
    return undefined;
  }

  write(state: StateView, sender: Sender): void {
    const { mappingId, fingerprint, batch } = this.#anchor;
    const payloadHash = this.#payloadHash;
    state.set(anchoredTables, mappingId, { ownerId: sender.id, fingerprint, batch, payloadHash });
  }
}

export const mappingAnchor: TransactionKind = {
  number: kind.mappingAnchor,
  senderRoles: ["hub", "application", "organisation"],
  read: (chain, payload) => new MappingAnchorOperation(chain, payload),
};
