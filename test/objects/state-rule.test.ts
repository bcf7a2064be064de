import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { encodeManifest, type ObjectManifest } from "@gridledger/protocol/objects/manifest";
import { objectTable } from "@gridledger/protocol/objects/object-table";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { network, type Person, sign } from "../edge-node/support.ts";

const net = network();
const { chain, operator, devices, validators } = net;
const root = new Uint8Array(32).fill(7);
const manifest: ObjectManifest = {
  root,
  sizeBytes: 10,
  chunkBytes: 1_024,
  name: "tariff.csv",
  mediaType: "text/csv",
  conversion: "bytes",
  saltPolicy: "none",
  classification: "internal",
  retentionDays: 0,
};

function run(...by: readonly Person[]) {
  const transactions = by.map((person, index) => {
    const nonce = Uint8Array.of(index);
    const encoded = sign(chain, person, encodeManifest(manifest), { kind: kind.dataObject, nonce });
    return new PreparedTransaction(chain, encoded);
  });
  const at = { height: 1, timeMs: Date.UTC(2030, 0, 1), parentHash: chain.chainId };
  return executeBlock({ chain, recent: new Set<string>() }, genesisState(chain), at, transactions);
}

describe("a data object on the chain", () => {
  test("is remembered by its root, with its owner and its block", () => {
    const outcome = run(devices[0]!);
    assert.ok(!(outcome instanceof Fault));
    const known = new StateView(outcome.tree).get(objectTable, root);
    assert.deepEqual([...(known?.ownerId ?? [])], [...devices[0]!.id]);
    assert.deepEqual(
      [known?.height, known?.successor, known?.erasedHeight],
      [1, undefined, undefined],
    );
  });

  test("is put once", () => {
    const outcome = run(operator, devices[0]!);
    assert.ok(outcome instanceof Fault);
    assert.equal(outcome.code, "OBJECT_EXISTS");
  });

  test("is not put by a validator", () => {
    const outcome = run(validators[0]!);
    assert.ok(outcome instanceof Fault);
    assert.equal(outcome.code, "SENDER_ROLE");
  });
});
