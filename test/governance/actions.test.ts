import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { Fault } from "@gridledger/protocol/faults";
import {
  type Action,
  readAction,
  writeAction,
} from "@gridledger/protocol/governance/actions/table";
import { familyNames, policyNames } from "@gridledger/protocol/governance/policy";
import { decodeProposal, encodeProposal } from "@gridledger/protocol/governance/proposal";
import fc from "fast-check";

const key = fc.uint8Array({ minLength: 33, maxLength: 33 });
const name = fc.string({ minLength: 1, maxLength: 16 });
const heartbeat = fc.uint8Array({ maxLength: 300 });
const actions: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ type: fc.constant("add" as const), publicKey: key, name, heartbeat }),
  fc.record({ type: fc.constant("remove" as const), publicKey: key }),
  fc.record({
    ...{ type: fc.constant("replace" as const), publicKey: key, joiningKey: key },
    ...{ name, heartbeat },
  }),
  fc.record({
    type: fc.constant("policy" as const),
    family: fc.constantFrom(...familyNames),
    policy: fc.constantFrom(...policyNames),
  }),
  fc.record({
    type: fc.constant("engine" as const),
    engine: fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/),
    parameters: fc.uint8Array({ maxLength: 64 }),
  }),
  fc.record({
    type: fc.constant("suite" as const),
    suiteId: fc.nat(65_535),
    packageName: fc.constantFrom("", "@acme/suite", "suite-9"),
  }),
  fc.record({
    type: fc.constant("amendment" as const),
    root: fc.uint8Array({ minLength: 32, maxLength: 32, max: 99 }),
    successor: fc.uint8Array({ minLength: 32, maxLength: 32, min: 100 }),
    legalBasis: fc.constantFrom("order 12", "合同第三条"),
  }),
  fc.record({
    type: fc.constant("copies" as const),
    classification: fc.constantFrom("public" as const, "confidential" as const),
    copies: fc.nat(16),
  }),
  fc.record({
    type: fc.constant("erasure" as const),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    legalBasis: fc.constantFrom("GDPR 17", "个人信息保护法第四十七条"),
  }),
);

const proposals = fc
  .record({
    action: actions,
    reason: fc.string({ maxLength: 60 }),
    last: fc.nat(),
    from: fc.nat(2),
  })
  .map(({ action, reason, last, from }) => {
    const effectiveAtHeight = from === 0 ? 0 : last + from;
    return { action, reason, effectiveAtHeight, expiresAtHeight: last };
  });

describe("actions of governance", () => {
  it("property: every proposal comes back as it was, in the same bytes", () => {
    fc.assert(
      fc.property(proposals, (proposal) => {
        const encoded = encodeProposal(proposal);
        const decoded = decodeProposal(encoded);
        assert.deepEqual(Buffer.from(encodeProposal(decoded)), Buffer.from(encoded));
        assert.equal(decoded.action.type, proposal.action.type);
        assert.equal(decoded.reason, proposal.reason);
      }),
      { numRuns: 500 },
    );
  });

  it("property: changed bytes are refused with a code, or are another proposal in its only bytes", () => {
    let refused = 0;
    fc.assert(
      fc.property(proposals, fc.nat(), fc.integer({ min: 1, max: 255 }), (proposal, at, by) => {
        const broken = Uint8Array.from(encodeProposal(proposal));
        broken[at % broken.length]! ^= by;
        try {
          const decoded = decodeProposal(broken);
          assert.deepEqual(Buffer.from(encodeProposal(decoded)), Buffer.from(broken));
        } catch (thrown) {
          if (!(thrown instanceof Fault)) throw thrown;
          refused++;
        }
      }),
      { numRuns: 5_000 },
    );
    assert.ok(refused > 500, `only ${refused} were refused`);
  });

  it("property: random bytes never do anything but refuse", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        assert.throws(() => decodeProposal(bytes), Fault);
      }),
      { numRuns: 20_000 },
    );
  });

  it("a number that no action has, a family and a policy that nobody knows", () => {
    const read = (write: (writer: CborWriter) => CborWriter) =>
      readAction(new CborReader(write(new CborWriter()).finish()));
    const shape = { code: "PROPOSAL_SHAPE" };
    assert.throws(() => read((writer) => writer.uint(99).array(0)), shape);
    assert.throws(() => read((writer) => writer.uint(4).array(2).uint(9).uint(1)), shape);
    assert.throws(() => read((writer) => writer.uint(4).array(2).uint(1).uint(9)), shape);
    const engine = { type: "engine", engine: "Not a name", parameters: new Uint8Array(0) } as const;
    assert.throws(() => read((writer) => writeAction(writer, engine)), shape);
  });
});
