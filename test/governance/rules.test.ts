import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import { decodeApproval, encodeApproval } from "@gridledger/protocol/governance/approval";
import { openProposals } from "@gridledger/protocol/governance/ballot-tables";
import { votesNeeded } from "@gridledger/protocol/governance/policy";
import { decodeProposal, encodeProposal } from "@gridledger/protocol/governance/proposal";
import { memberships } from "@gridledger/protocol/governance/tables";
import fc from "fast-check";
import {
  addition,
  Council,
  heartbeatOf,
  idOf,
  keyOf,
  nothing,
  proposalOf,
  removal,
  replacement,
} from "./council.ts";

const policies = ["majority", "two-thirds", "unanimous"] as const;

describe("governance rules", () => {
  it("the votes that each policy needs", () => {
    const table = [1, 2, 3, 4, 5, 7].map((n) =>
      policies.map((policy) => votesNeeded(policy, n, false)).join("/"),
    );
    assert.deepEqual(table, ["1/1/1", "2/2/2", "2/2/3", "3/3/4", "3/4/5", "4/5/7"]);
    assert.equal(votesNeeded("unanimous", 4, true), 3);
  });

  it("property: whatever the order of votes, exactly the last needed one executes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.constantFrom(...policies),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (n, policy, isAddition, random) => {
          const council = new Council(n, policy);
          const voters = shuffled(n, random);
          const proposal = isAddition ? addition(n, 0) : removal(n - 1);
          const needed = votesNeeded(policy, n, !isAddition);
          const asked = voters.filter(
            (voter) => isAddition || policy !== "unanimous" || voter !== n - 1,
          );
          for (const [i, voter] of asked.slice(0, needed).entries()) {
            const outcome =
              i === 0 ? council.propose(voter, proposal) : council.approve(voter, proposal);
            assert.equal(outcome, i + 1 === needed ? "approved" : "open");
          }
          assert.equal(council.size, n, "not before the block ends");
          assert.deepEqual(council.advance(), [proposal.action.type]);
          assert.equal(council.size, n + (isAddition ? 1 : -1));
          const keys = council.validators.map(({ publicKey }) => publicKey);
          assert.deepEqual(keys, [...keys].sort(Buffer.compare), "in the order of the keys");
          const late = asked[needed] ?? asked[0]!;
          assert.match(council.approve(late, proposal), /PROPOSAL_UNKNOWN|SENDER_ROLE/);
        },
      ),
      { numRuns: 300, seed: 42 },
    );
  });

  it("property: random acts never empty the set, double a key or change it twice in a block", () => {
    const act = fc.record({
      by: fc.nat(5),
      subject: fc.nat(5),
      adds: fc.boolean(),
      blocks: fc.nat(1),
    });
    let total = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(act, { minLength: 40, maxLength: 60 }),
        (n, acts) => {
          const council = new Council(n, "majority");
          let changes = 0;
          for (const { by, subject, adds, blocks } of acts) {
            if (blocks > 0) {
              assert.equal(council.advance().length, changes);
              changes = 0;
            }
            const proposal = adds ? addition(subject, 0) : removal(subject);
            const proposed = council.propose(by, proposal);
            const outcome =
              proposed === "PROPOSAL_EXISTS" ? council.approve(by, proposal) : proposed;
            if (outcome === "approved") changes++;
            if (outcome === "approved") total++;
            assert.ok(changes <= 1, "two changes in one block");
            const keys = council.validators.map(({ publicKey }) =>
              Buffer.from(publicKey).toString("hex"),
            );
            assert.ok(keys.length >= 1 && new Set(keys).size === keys.length);
            assert.deepEqual(keys, [...keys].sort(), "in the order of the keys");
            const members = new Set(keys);
            for (const { approvals } of council.state.open) {
              for (const voter of approvals) {
                assert.ok(members.has(Buffer.from(voter).toString("hex")), "a departed vote stays");
              }
            }
          }
        },
      ),
      { numRuns: 300, seed: 42 },
    );
    assert.ok(total > 50, `only ${total} changes were tried`);
  });

  it("the vote of a validator that has left no longer counts, and does not come back", () => {
    const council = new Council(5, "majority");
    const wanted = addition(6, 1);
    council.advance();
    assert.equal(council.propose(4, wanted), "open");
    assert.equal(council.approve(3, wanted), "open");
    const leave = removal(4);
    council.propose(0, leave);
    council.approve(1, leave);
    assert.equal(council.approve(2, leave), "approved");
    council.advance();
    // Of 4 validators 3 are needed: 3 and 0 are two, 4's vote is gone.
    assert.equal(council.approve(0, wanted), "open");
    assert.equal(council.approve(1, wanted), "approved");
  });

  it("a lower threshold executes nothing by itself: no cascade", () => {
    const council = new Council(4, "two-thirds");
    const wanted = addition(6, 1);
    council.advance();
    council.propose(0, wanted);
    council.approve(1, wanted);
    const leave = removal(3);
    council.propose(0, leave);
    council.approve(1, leave);
    assert.equal(council.approve(2, leave), "approved");
    council.advance();
    assert.equal(council.size, 3, "two of three would be enough for the addition");
    assert.equal(council.approve(0, wanted), "approved", "touched again, it is counted");
  });

  it("one block changes the set once; the second change comes with the next block", () => {
    const council = new Council(4, "majority");
    const [first, second] = [removal(3), removal(2)];
    for (const proposal of [first, second]) {
      council.propose(0, proposal);
      council.approve(1, proposal);
    }
    assert.equal(council.approve(2, first), "approved");
    assert.equal(council.approve(3, second), "GOVERNANCE_BUSY");
    council.advance();
    assert.equal(council.approve(0, second), "approved");
  });

  it("a candidate that is more than 100 blocks behind is not added until a later heartbeat", () => {
    const council = new Council(1);
    council.height = 200;
    const proposal = addition(5, 99);
    assert.equal(council.propose(0, proposal), "open", "approved, but not synced");
    assert.equal(council.approve(0, proposal), "APPROVAL_REPEATED");
    assert.equal(council.approve(0, proposal, heartbeatOf(6, 199)), "PROPOSAL_UNFIT");
    assert.equal(council.approve(0, proposal, heartbeatOf(5, 200)), "PROPOSAL_UNFIT", "the future");
    assert.equal(council.approve(0, proposal, heartbeatOf(5, 100)), "approved");
  });

  it("a candidate is on this chain by the hash of its head, and known hashes do not end soon", () => {
    const council = new Council(1);
    council.height = 400;
    const elsewhere = new Uint8Array(32).fill(1);
    const heartbeat = heartbeatOf(5, 399, elsewhere);
    const { action } = addition(5, 399);
    assert.ok(action.type === "add");
    const forked = proposalOf({ ...action, heartbeat });
    assert.equal(council.propose(0, forked), "CANDIDATE_FORKED");
    assert.equal(council.propose(0, addition(5, 143)), "CANDIDATE_BEHIND");
    const proposal = addition(5, 144);
    assert.equal(council.propose(0, proposal), "open");
    assert.equal(council.approve(0, proposal, heartbeat), "CANDIDATE_FORKED");
  });

  it("nobody is added without holding the key", () => {
    const council = new Council(1);
    council.height = 2;
    const { action } = addition(5, 1);
    assert.ok(action.type === "add");
    const forged = proposalOf({ ...action, heartbeat: heartbeatOf(6, 1) });
    assert.equal(council.propose(0, forged), "PROPOSAL_UNFIT");
  });

  it("a proposal is dead above its last height", () => {
    const council = new Council(4);
    const proposal = removal(3, { expiresAtHeight: 10 });
    council.propose(0, proposal);
    council.height = 10;
    assert.equal(council.approve(1, proposal), "open");
    council.height = 11;
    assert.equal(council.approve(2, proposal), "PROPOSAL_UNKNOWN");
    assert.equal(council.propose(0, proposal), "PROPOSAL_EXPIRED");
  });

  it("who is no validator proposes and approves nothing", () => {
    const council = new Council(4);
    assert.equal(council.propose(4, removal(0)), "SENDER_ROLE");
    council.propose(0, removal(1));
    assert.equal(council.approve(4, removal(1)), "SENDER_ROLE");
  });

  it("what does not fit the set is refused, the last validator's removal too", () => {
    assert.equal(new Council(1).propose(0, removal(0)), "PROPOSAL_UNFIT");
    assert.equal(new Council(4).propose(0, removal(5)), "PROPOSAL_UNFIT");
    const council = new Council(4);
    council.height = 2;
    assert.equal(council.propose(0, addition(2, 1)), "PROPOSAL_UNFIT");
  });

  it("one validator opens a few proposals, not all there is room for", () => {
    const council = new Council(8);
    for (let i = 1; i <= 4; i++) assert.equal(council.propose(0, removal(i)), "open");
    assert.equal(council.propose(0, removal(5)), "PROPOSAL_LIMIT");
    assert.equal(council.propose(1, removal(5)), "open");
    assert.equal(council.propose(1, removal(5)), "PROPOSAL_EXISTS");
  });

  it("a key is replaced in one step, and the old one proves nothing after", () => {
    const council = new Council(1);
    council.height = 2;
    assert.equal(council.propose(0, replacement(0, 5, 1)), "approved");
    council.advance();
    assert.deepEqual(council.validators, [{ publicKey: keyOf(5), name: "v5" }]);
    assert.equal(council.propose(0, removal(5)), "SENDER_ROLE");
  });

  it("payloads and tables come back as they were, and nothing else decodes", () => {
    const council = new Council(4);
    council.height = 3;
    council.propose(1, addition(6, 2));
    council.propose(2, removal(1));
    const { inForce, open } = council.state;
    const { membership } = inForce;
    assert.deepEqual(plain(memberships.decode(memberships.encode(membership))), plain(membership));
    assert.deepEqual(plain(openProposals.decode(openProposals.encode(open))), plain(open));
    const approval = { proposalId: idOf(removal(1)), heartbeat: nothing };
    assert.deepEqual(plain(decodeApproval(encodeApproval(approval))), plain(approval));
    const late = encodeProposal({ ...removal(1), effectiveAtHeight: 9, expiresAtHeight: 9 });
    assert.throws(
      () => decodeProposal(late),
      (thrown) => thrown instanceof Fault && thrown.code === "PROPOSAL_SHAPE",
    );
  });
});

const plain = (value: unknown) =>
  JSON.stringify(value, (_, item) =>
    item?.type === "Buffer" ? item.data : item instanceof Uint8Array ? [...item] : item,
  );

function shuffled(n: number, random: Iterable<number>): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  const stream = random[Symbol.iterator]();
  for (let i = n - 1; i > 0; i--) {
    const j = (stream.next().value as number) % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
