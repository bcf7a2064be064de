import {
  type AuditAnchor,
  anchoredLines,
  decodeAuditAnchor,
} from "@gridledger/protocol/audit/audit-anchor";
import type { Fault } from "@gridledger/protocol/faults";
import { anchoredLogs } from "@gridledger/protocol/ledger/anchored-logs";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { checkNext } from "./next-in-line.ts";
import type { StateReader, StateView } from "./state-view.ts";
import type { PlainOperation, Sender, TransactionKind } from "./transaction-kind.ts";

/** An anchor of a hub's audit log follows its last one without a gap: the log has one history, guide §4.5.1. */
class AuditAnchorOperation implements PlainOperation {
  readonly #anchor: AuditAnchor;
  readonly #payloadHash: Uint8Array;

  constructor({ suite }: Chain, payload: Uint8Array) {
    this.#anchor = decodeAuditAnchor(payload);
    this.#payloadHash = new Uint8Array(suite.hash(payload));
  }

  check(state: StateReader, sender: Sender): Fault | undefined {
    const { firstLine, previousHash } = this.#anchor;
    const last = state.get(anchoredLogs, sender.id);
    const what = `the anchor from line ${firstLine} on`;
    const next = { code: "AUDIT_SEQUENCE", what, number: firstLine, previousHash } as const;
    return checkNext(next, last?.lines, last?.payloadHash);
  }

  write(state: StateView, sender: Sender): void {
    const lines = this.#anchor.firstLine - 1 + anchoredLines(this.#anchor);
    state.set(anchoredLogs, sender.id, { lines, payloadHash: this.#payloadHash });
  }
}

export const auditAnchor: TransactionKind = {
  number: kind.auditAnchor,
  senderRoles: ["hub"],
  read: (chain, payload) => new AuditAnchorOperation(chain, payload),
};
