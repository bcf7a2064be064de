import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { international as suite } from "@gridledger/protocol/crypto/international";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import {
  engineAt,
  policyFor,
  suitesAt,
  validatorsAt,
  writeGovernance,
} from "@gridledger/protocol/governance/governance-state";
import type { Proposal } from "@gridledger/protocol/governance/proposal";
import { StateTree } from "@gridledger/protocol/merkle/state-tree";
import fc from "fast-check";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { addition, Council, proposalOf, removal, replacement } from "./council.ts";

const names = (council: Council) =>
  council.validators.map(({ publicKey }) => suite.hash(publicKey));
const policy = (family: "data" | "membership", to: "majority" | "unanimous"): Action => {
  return { type: "policy", family, policy: to };
};
const engine = (name: string): Action => {
  return { type: "engine", engine: name, parameters: Uint8Array.of(1) };
};

/** Everybody says yes until it is approved. */
function pass(council: Council, proposal: Proposal): string {
  let outcome = council.propose(0, proposal);
  for (let by = 1; outcome === "open" && by < council.size; by++) {
    outcome = council.approve(by, proposal);
  }
  return outcome;
}

describe("changes for a stated height", () => {
  it("the set that seals block H is the new one, and the one before is the old", () => {
    const council = new Council(4);
    assert.equal(pass(council, removal(3, { effectiveAtHeight: 10 })), "approved");
    assert.deepEqual(council.advance(9), []);
    assert.equal(council.size, 4, "seals block 9");
    assert.deepEqual(council.advance(10), ["remove"]);
    assert.equal(council.size, 3, "seals block 10");
  });

  it("it is approved before its height or not at all", () => {
    const council = new Council(4);
    const proposal = removal(3, { effectiveAtHeight: 10 });
    council.propose(0, proposal);
    council.approve(1, proposal);
    council.advance(10);
    assert.equal(council.approve(2, proposal), "PROPOSAL_UNKNOWN");
    assert.equal(council.propose(0, proposal), "PROPOSAL_EXPIRED");
  });

  it("approved in the last block before its height it still counts for it", () => {
    const council = new Council(4);
    council.advance(9);
    assert.equal(pass(council, removal(3, { effectiveAtHeight: 10 })), "approved");
    assert.deepEqual(council.advance(10), ["remove"]);
  });

  it("two that would combine badly are refused: the same height, the same key, the last validators", () => {
    const council = new Council(2, "majority");
    assert.equal(pass(council, removal(1, { effectiveAtHeight: 20 })), "approved");
    assert.equal(
      pass(council, proposalOf(engine("pow"), { effectiveAtHeight: 20 })),
      "SCHEDULE_CONFLICT",
    );
    assert.equal(pass(council, removal(0, { effectiveAtHeight: 30 })), "PROPOSAL_UNFIT");
    assert.equal(
      pass(council, removal(0)),
      "SCHEDULE_CONFLICT",
      "the later one would empty the set",
    );
    assert.equal(pass(council, removal(1)), "SCHEDULE_CONFLICT", "it would be gone by then");
    assert.equal(pass(council, replacement(1, 5, 0, { effectiveAtHeight: 25 })), "PROPOSAL_UNFIT");
    assert.equal(pass(council, addition(6, 0, { effectiveAtHeight: 15 })), "approved");
    assert.equal(pass(council, removal(0, { effectiveAtHeight: 30 })), "approved", "one is left");
  });

  it("a weaker policy needs the votes of the old one, a stricter its own", () => {
    const weaker = new Council(4, "unanimous");
    const down = proposalOf(policy("membership", "majority"));
    weaker.propose(0, down);
    weaker.approve(1, down);
    assert.equal(weaker.approve(2, down), "open", "three of four are a majority and not all");
    assert.equal(weaker.approve(3, down), "approved");
    const stricter = new Council(4, "majority");
    const up = proposalOf(policy("data", "unanimous"));
    stricter.propose(0, up);
    stricter.approve(1, up);
    assert.equal(stricter.approve(2, up), "open");
    assert.equal(stricter.approve(3, up), "approved");
    stricter.advance();
    assert.equal(stricter.propose(0, up), "PROPOSAL_UNFIT", "it counts already");
  });

  it("a policy counts for its own family only, from the block after on", () => {
    const council = new Council(4, "unanimous");
    pass(council, proposalOf(policy("membership", "majority")));
    assert.equal(council.propose(0, removal(3)), "open");
    council.advance();
    assert.equal(council.approve(1, removal(3)), "open", "a majority of four is three");
    assert.equal(council.approve(2, removal(3)), "approved");
    const strict = proposalOf(engine("round-robin"));
    council.advance();
    assert.equal(council.propose(0, strict), "open");
    assert.equal(council.approve(1, strict), "open", "protocol is unanimous still");
    assert.equal(council.approve(2, strict), "approved");
  });

  it("engines, suites, policies and sets are read for any height, before and after they count", () => {
    const council = new Council(4);
    const chain = council.constitution;
    const before = council.state;
    pass(council, proposalOf(engine("round-robin"), { effectiveAtHeight: 30 }));
    const sm: Action = { type: "suite", suiteId: 2, packageName: "" };
    pass(council, proposalOf(sm, { effectiveAtHeight: 40 }));
    pass(council, removal(3, { effectiveAtHeight: 50 }));
    const check = () => {
      const state = new StateView(new StateTree(suite.hash));
      writeGovernance(state, before, council.state);
      const reopened = new StateView(state.commit().tree);
      assert.equal(engineAt(chain, reopened, 29).engine, "poa");
      assert.equal(engineAt(chain, reopened, 30).engine, "round-robin");
      assert.deepEqual([...engineAt(chain, reopened, 31).parameters], [1]);
      assert.deepEqual(
        suitesAt(chain, reopened, 39).map(({ suiteId }) => suiteId),
        [1],
      );
      assert.deepEqual(
        suitesAt(chain, reopened, 40).map(({ suiteId }) => suiteId),
        [1, 2],
      );
      assert.equal(validatorsAt(chain, reopened, 50).length, 3);
      assert.equal(policyFor(chain, reopened, "trust"), "two-thirds");
    };
    check();
    council.advance(60);
    check();
  });

  it("property: replicas that hear the same votes have one set, never empty, with no key twice", () => {
    const act = fc.record({
      by: fc.nat(7),
      subject: fc.nat(7),
      way: fc.nat(3),
      ahead: fc.constantFrom(0, 0, 2, 3, 5),
      voters: fc.nat(5),
      blocks: fc.constantFrom(0, 0, 0, 1, 2),
    });
    let executed = 0;
    let conflicts = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(act, { minLength: 40, maxLength: 60 }),
        (n, acts) => {
          const replicas = [new Council(n, "majority"), new Council(n, "majority")] as const;
          for (const { by, subject, way, ahead, voters, blocks } of acts) {
            const outcomes = replicas.map((council) => {
              const when = ahead === 0 ? {} : { effectiveAtHeight: council.height + ahead };
              const proposal = proposalFor(way, subject, when);
              let outcome = council.propose(by, proposal);
              for (let voter = 0; outcome === "open" && voter < voters; voter++) {
                outcome = council.approve((by + voter + 1) % 8, proposal);
              }
              return outcome;
            });
            assert.equal(outcomes[0], outcomes[1]);
            if (outcomes[0] === "SCHEDULE_CONFLICT") conflicts++;
            const done = replicas.map((council) => council.advance(council.height + blocks));
            assert.deepEqual(done[0], done[1]);
            executed += done[0]!.length;
            const [first, second] = replicas;
            assert.deepEqual(names(first), names(second));
            assert.ok(first.size >= 1);
            const { scheduled } = first.state;
            assert.ok(scheduled.every(({ fromHeight }) => fromHeight > first.height));
            assert.equal(new Set(names(first).map(String)).size, first.size, "no key twice");
          }
        },
      ),
      { numRuns: 60, seed: 7 },
    );
    assert.ok(executed > 100, `only ${executed} changes came into force`);
    assert.ok(conflicts > 10, `only ${conflicts} conflicts were tried`);
  });
});

function proposalFor(way: number, subject: number, when: { effectiveAtHeight?: number }): Proposal {
  if (way === 0) return addition(subject, 0, when);
  if (way === 1) return replacement(subject, (subject + 3) % 8, 0, when);
  if (way === 2) return proposalOf(engine(`engine${subject}`), when);
  return removal(subject, when);
}
