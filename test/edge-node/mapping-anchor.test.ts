import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import { anchoredTables } from "@gridledger/protocol/ledger/anchored-tables";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  encodeMappingAnchor,
  type MappingAnchor,
} from "@gridledger/protocol/ledger/mapping-anchor";

import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { network, type Person, sign, suite } from "./support.ts";

const { chain, devices, hub, organisations } = network();
const mappingId = new Uint8Array(10).fill(9);
const hash = (text: string) => suite.hash(Buffer.from(text));

function anchor(change: Partial<MappingAnchor> = {}): Uint8Array {
  return encodeMappingAnchor({
    ...{ mappingId, fingerprint: hash("table"), batch: 1, keyRange: hash("range") },
    ...{ root: hash("root"), rows: 10, previousHash: new Uint8Array(32) },
    ...change,
  });
}

const said = (by: Person, payload: Uint8Array) =>
  sign(chain, by, payload, { kind: kind.mappingAnchor });

/** All in one block: the view after it, or the first fault. */
function run(...encoded: Uint8Array[]): StateView | Fault {
  const transactions = encoded.map((bytes) => new PreparedTransaction(chain, bytes));
  const at = { height: 1, timeMs: Date.UTC(2030, 0, 1), parentHash: new Uint8Array(32) };
  const deps = { chain, recent: new Set<string>() };
  const outcome = executeBlock(deps, genesisState(chain), at, transactions);
  return outcome instanceof Fault ? outcome : new StateView(outcome.tree);
}

function refuses(code: FaultCode, ...encoded: Uint8Array[]): void {
  const outcome = run(...encoded);
  assert.ok(outcome instanceof Fault, "it was executed");
  assert.equal(outcome.code, code, outcome.message);
}

describe("anchors of a mapped table", () => {
  const first = anchor();
  const second = anchor({ batch: 2, previousHash: suite.hash(first) });

  it("follow one another, and the state holds the last", () => {
    const view = run(said(hub, first), said(hub, second));
    if (view instanceof Fault) throw view;
    assert.deepEqual(view.get(anchoredTables, mappingId), {
      ownerId: Uint8Array.from(hub.id),
      fingerprint: Uint8Array.from(hash("table")),
      batch: 2,
      payloadHash: Uint8Array.from(suite.hash(second)),
    });
  });

  it("leave no gap and no second line of history", () => {
    refuses("MAPPING_SEQUENCE", said(hub, second));
    refuses("MAPPING_SEQUENCE", said(hub, first), said(hub, anchor({ rows: 11 })));
    const beside = anchor({ batch: 2, previousHash: hash("another") });
    refuses("MAPPING_SEQUENCE", said(hub, first), said(hub, beside));
  });

  it("are of whoever began, and of one table", () => {
    refuses("MAPPING_OWNED", said(hub, first), said(organisations[0]!, second));
    const other = anchor({
      ...{ batch: 2, previousHash: suite.hash(first), fingerprint: hash("other") },
    });
    refuses("MAPPING_FINGERPRINT", said(hub, first), said(hub, other));
    refuses("SENDER_ROLE", said(devices[0]!, first));
  });
});
