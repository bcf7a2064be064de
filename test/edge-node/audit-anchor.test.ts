import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AuditAnchor, encodeAuditAnchor } from "@gridledger/protocol/audit/audit-anchor";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import { anchoredLogs } from "@gridledger/protocol/ledger/anchored-logs";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { network, type Person, sign, suite } from "./support.ts";

const { chain, devices, hub } = network();
const hash = (text: string) => suite.hash(Buffer.from(text));

function anchor(change: Partial<AuditAnchor> = {}): Uint8Array {
  return encodeAuditAnchor({
    ...{ firstLine: 1, tags: new Uint8Array(24), saltHash: hash("salt"), head: hash("head") },
    ...{ previousHash: new Uint8Array(32), ...change },
  });
}

const said = (by: Person, payload: Uint8Array) =>
  sign(chain, by, payload, { kind: kind.auditAnchor });

/** All in one block: the view after it, or the first fault. */
function run(...encoded: Uint8Array[]): StateView | Fault {
  const transactions = encoded.map((bytes) => new PreparedTransaction(chain, bytes));
  const at = { height: 1, timeMs: Date.UTC(2030, 0, 1), parentHash: new Uint8Array(32) };
  const outcome = executeBlock(
    { chain, recent: new Set<string>() },
    genesisState(chain),
    at,
    transactions,
  );
  return outcome instanceof Fault ? outcome : new StateView(outcome.tree);
}

function refuses(code: FaultCode, ...encoded: Uint8Array[]): void {
  const outcome = run(...encoded);
  assert.ok(outcome instanceof Fault, "it was executed");
  assert.equal(outcome.code, code, outcome.message);
}

describe("anchors of a hub's audit log", () => {
  const first = anchor();
  const second = anchor({ firstLine: 4, previousHash: suite.hash(first) });

  it("follow one another, and the state holds how far they reach", () => {
    const view = run(said(hub, first), said(hub, second));
    if (view instanceof Fault) throw view;
    assert.deepEqual(view.get(anchoredLogs, hub.id), {
      lines: 6,
      payloadHash: Uint8Array.from(suite.hash(second)),
    });
  });

  it("leave no line out, say none twice and have no second history", () => {
    const next = (change: Partial<AuditAnchor>) =>
      said(hub, anchor({ firstLine: 4, previousHash: suite.hash(first), ...change }));
    refuses("AUDIT_SEQUENCE", said(hub, second));
    refuses("AUDIT_SEQUENCE", said(hub, first), next({ firstLine: 5 }));
    refuses("AUDIT_SEQUENCE", said(hub, first), next({ firstLine: 3 }));
    refuses("AUDIT_SEQUENCE", said(hub, first), next({ previousHash: hash("another") }));
  });

  it("come from a hub, and hold whole tags of some lines", () => {
    refuses("SENDER_ROLE", said(devices[0]!, first));
    for (const change of [
      { firstLine: 0 },
      { tags: new Uint8Array() },
      { tags: new Uint8Array(9) },
    ]) {
      assert.throws(() => run(said(hub, anchor(change))), { code: "CBOR_SHAPE" });
    }
  });
});
