import assert from "node:assert/strict";
import { test } from "node:test";
import { international as suite } from "@gridledger/protocol/crypto/international";
import { requireSuite } from "@gridledger/protocol/crypto/required-suite";
import { registerSuite } from "@gridledger/protocol/crypto/suites";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { writeGovernance } from "@gridledger/protocol/governance/governance-state";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { missingSuite } from "../../edge-node/src/engine/suite-guard.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { suitePackage } from "../crypto/fixtures/outside-suite/index.ts";
import { Council, proposalOf } from "./council.ts";

const { packageName } = suitePackage;
const span = { suiteId: suitePackage.suite.id, packageName };

test("a node without the package of a voted suite stops before its height, and says what to install", () => {
  const council = new Council(4);
  const before = council.state;
  const action: Action = { type: "suite", ...span };
  const proposal = proposalOf(action, { effectiveAtHeight: 40 });
  council.propose(0, proposal);
  for (let by = 1; by < 3; by++) council.approve(by, proposal);
  const view = new StateView(new StateTree(suite.hash));
  writeGovernance(view, before, council.state);
  const state = view.commit().tree;
  const chain = council.constitution as Chain;
  const missingAt = (height: number) =>
    missingSuite(chain, { state: new StateView(state), height });

  assert.equal(missingAt(38), undefined, "block 39 is made without it");
  const missing = missingAt(39);
  assert.equal(missing?.code, "SUITE_MISSING");
  assert.match(missing.message, /install @example\/gridledger-suite/);
  assert.equal(missingAt(41)?.code, "SUITE_MISSING");
  assert.throws(() => requireSuite(span), { code: "SUITE_MISSING" }, "nor does it approve it");

  registerSuite(suitePackage);
  assert.equal(missingAt(39), undefined);
  assert.equal(requireSuite(span).name, "example");
});
