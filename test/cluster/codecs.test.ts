import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@gridledger/protocol/faults";
import { encodeHeader } from "@gridledger/protocol/ledger/header";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { voteType } from "@gridledger/protocol/ledger/vote";
import { decodeCertificate, encodeCertificate } from "@gridledger/protocol/messages/certificate";
import { decodeCommit, encodeCommit } from "@gridledger/protocol/messages/commit";
import {
  decodeEvidence,
  encodeEvidence,
  isOffence,
  verifyEvidence,
} from "@gridledger/protocol/messages/evidence";
import { decodePrepare, encodePrepare } from "@gridledger/protocol/messages/prepare";
import {
  decodeProposal,
  encodeJustification,
  encodeProposal,
} from "@gridledger/protocol/messages/proposal";
import { decodeRoundChange, encodeRoundChange } from "@gridledger/protocol/messages/round-change";
import fc from "fast-check";
import { decodeMessage } from "../../edge-node/src/consensus/poa/messages.ts";
import { decodeGroup, encodeGroup } from "../../edge-node/src/consensus/poa/wal-records.ts";
import type { WalRecord } from "../../edge-node/src/consensus/ports.ts";
import { fakeSigner, fakeSuite } from "./fake-suite.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const height = fc.nat();
const round = fc.integer({ min: 0, max: 0xffff_ffff });
const from = fc.integer({ min: 0, max: 1_023 });
const vote = fc.record({ height, round, from, blockHash: bytes(32), signature: bytes(64) });
const seal: fc.Arbitrary<Seal> = fc.record({
  round,
  signatures: fc
    .uniqueArray(from, { maxLength: 6 })
    .map((signers) => signers.sort((a, b) => a - b))
    .chain((signers) =>
      fc.tuple(...signers.map((signer) => bytes(64).map((signature) => ({ signer, signature })))),
    ),
});
const prepared = fc.option(fc.record({ blockHash: bytes(32), seal }));
const claim = fc.option(fc.record({ round, blockHash: bytes(32) }));
const txHashes = fc.array(bytes(32), { maxLength: 5 });
const header = fc.record({
  height,
  timeMs: fc.nat(),
  parentHash: bytes(32),
  txRoot: bytes(32),
  stateRoot: bytes(32),
  validatorsHash: bytes(32),
  nextValidatorsHash: bytes(32),
  proposer: from,
  round,
  receiptRoot: bytes(32),
  gasUsed: fc.nat(),
  engineData: fc.uint8Array({ maxLength: 64 }),
});
const namedBlock = fc.tuple(header, txHashes).map(([fields, hashes]) => {
  const whole = { ...fields, txCount: hashes.length };
  return { header: whole, encodedHeader: encodeHeader(whole), txHashes: hashes };
});
const justification = fc.option(
  fc.record({
    roundChanges: fc
      .uniqueArray(from, { maxLength: 4 })
      .map((signers) => signers.sort((a, b) => a - b))
      .chain((signers) =>
        fc.tuple(
          ...signers.map((signer) =>
            fc.record({ from: fc.constant(signer), prepared: claim, signature: bytes(64) }),
          ),
        ),
      ),
    prepared,
  }),
);
const proposal = fc
  .record({ height, round, from, block: namedBlock, justification, signature: bytes(64) })
  .map(({ block, ...rest }) => ({
    ...block,
    ...rest,
    encodedJustification: encodeJustification(rest.justification),
  }));
const roundChange = fc.record({
  height,
  round,
  from,
  prepared,
  block: fc.option(
    namedBlock.map(({ encodedHeader, txHashes: hashes }) => ({ encodedHeader, txHashes: hashes })),
  ),
  signature: bytes(64),
});
const certificate = fc.record({
  type: fc.constantFrom(voteType.prepare, voteType.commit),
  height,
  blockHash: bytes(32),
  seal,
});
const proposalStatement = fc.record({
  type: fc.constant(voteType.proposal),
  round,
  blockHash: bytes(32),
  justificationHash: bytes(32),
  signature: bytes(64),
});
const statement = fc.oneof(
  proposalStatement,
  fc.record({
    type: fc.constant(voteType.prepare),
    round,
    blockHash: bytes(32),
    signature: bytes(64),
  }),
  fc.record({
    type: fc.constant(voteType.commit),
    round,
    blockHash: bytes(32),
    signature: bytes(64),
  }),
  fc.record({
    type: fc.constant(voteType.roundChange),
    round,
    prepared: claim,
    signature: bytes(64),
  }),
);
const evidence = fc.oneof(
  fc.record({ height, validator: from, first: statement, second: statement }),
  fc.record({
    height,
    validator: from,
    proposal: proposalStatement,
    justification: justification.map(encodeJustification),
  }),
);
const record: fc.Arbitrary<WalRecord> = fc.oneof(
  fc.record({
    kind: fc.constant("signed" as const),
    height,
    round,
    step: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    digest: bytes(32),
    signature: bytes(64),
    message: fc.uint8Array({ maxLength: 40 }),
  }),
  fc.record({
    kind: fc.constant("block" as const),
    height,
    block: fc.tuple(namedBlock, bytes(32)).map(([block, blockHash]) => ({ ...block, blockHash })),
  }),
  fc.record({
    kind: fc.constant("prepared" as const),
    height,
    blockHash: bytes(32),
    certificate: seal,
  }),
  fc.record({ kind: fc.constant("decided" as const), height, blockHash: bytes(32), seal }),
  fc.record({
    kind: fc.constant("amnesia" as const),
    state: fc.constantFrom("new" as const, "active" as const, "over" as const),
  }),
);
const bodiesOf = (hashes: readonly Uint8Array[]) => hashes.map((hash) => hash.subarray(0, 3));

interface Codec {
  readonly name: string;
  readonly encoded: fc.Arbitrary<Uint8Array>;
  readonly again: (encoded: Uint8Array) => Uint8Array;
}

function codec<T>(
  name: string,
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (encoded: Uint8Array) => T,
): Codec {
  return { name, encoded: values.map(encode), again: (encoded) => encode(decode(encoded)) };
}

const codecs: readonly Codec[] = [
  codec("prepare", vote, encodePrepare, decodePrepare),
  codec("commit", vote, encodeCommit, decodeCommit),
  codec("proposal", proposal, encodeProposal, decodeProposal),
  codec("round change", roundChange, encodeRoundChange, decodeRoundChange),
  codec("certificate", certificate, encodeCertificate, decodeCertificate),
  codec("evidence", evidence, encodeEvidence, decodeEvidence),
  {
    name: "group of log records",
    encoded: fc.array(record, { maxLength: 4 }).map((records) => encodeGroup(records, bodiesOf)),
    again: (encoded) => {
      const stored = decodeGroup(encoded);
      const bodies = stored
        .filter(({ record: { kind } }) => kind === "block")
        .map((each) => each.bodies);
      return encodeGroup(
        stored.map((each) => each.record),
        () => bodies.shift() ?? [],
      );
    },
  },
];

for (const { name, encoded, again } of codecs) {
  describe(`the ${name} codec`, () => {
    it("gives back the bytes of what it read", () => {
      fc.assert(
        fc.property(encoded, (good) =>
          assert.deepEqual(Buffer.from(again(good)), Buffer.from(good)),
        ),
      );
    });

    it("refuses changed bytes with a Fault, or reads them as exactly what they say", () => {
      const change = fc.tuple(encoded, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean());
      fc.assert(
        fc.property(change, ([good, at, flip, cut]) => {
          const changed = cut ? good.slice(0, at % good.length) : Uint8Array.from(good);
          if (!cut) changed[at % good.length]! ^= flip;
          readsExactly(again, changed);
        }),
        { numRuns: 500 },
      );
    });

    it("refuses garbage with a Fault", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => readsExactly(again, garbage)),
        {
          numRuns: 500,
        },
      );
    });
  });
}

function readsExactly(again: (encoded: Uint8Array) => Uint8Array, encoded: Uint8Array): void {
  let back: Uint8Array;
  try {
    back = again(encoded);
  } catch (thrown) {
    assert.ok(thrown instanceof Fault, String(thrown));
    return;
  }
  assert.deepEqual(Buffer.from(back), Buffer.from(encoded));
}

describe("the message dispatcher", () => {
  it("tells every type apart and leaves others alone", () => {
    for (const [sample, type] of [
      [encodePrepare(fc.sample(vote, 1)[0]!), 2],
      [encodeCommit(fc.sample(vote, 1)[0]!), 3],
      [encodeProposal(fc.sample(proposal, 1)[0]!), 1],
      [encodeRoundChange(fc.sample(roundChange, 1)[0]!), 4],
      [encodeCertificate(fc.sample(certificate, 1)[0]!), 6],
    ] as const) {
      assert.equal(decodeMessage(sample)?.type, type);
    }
    assert.equal(decodeMessage(encodeEvidence(fc.sample(evidence, 1)[0]!)), undefined);
  });
});

describe("evidence", () => {
  const { sign } = fakeSigner(2);
  const publicKeys = [0, 1, 2, 3].map((index) => fakeSigner(index).publicKey);
  const place = { chainId: new Uint8Array(32), validatorsHash: new Uint8Array(32), height: 9 };
  const [a, b] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const prepare = (blockHash: Uint8Array, at = 1) => ({
    type: voteType.prepare,
    round: at,
    blockHash,
  });
  const commit = (at: number) => ({ type: voteType.commit, round: at, blockHash: a });
  const change = (at: number, preparedAt: number | null) => ({
    type: voteType.roundChange,
    round: at,
    prepared: preparedAt === null ? null : { round: preparedAt, blockHash: a },
  });

  it("is two votes of one type and round for different blocks", () => {
    assert.ok(isOffence(prepare(a), prepare(b)));
    assert.ok(!isOffence(prepare(a), prepare(a)));
    assert.ok(!isOffence(prepare(a, 1), prepare(b, 2)));
    assert.ok(!isOffence(prepare(b), commit(1)));
  });

  it("is a commit that a later round change does not own up to", () => {
    assert.ok(isOffence(commit(1), change(2, null)));
    assert.ok(isOffence(commit(1), change(2, 0)));
    assert.ok(!isOffence(commit(1), change(2, 1)));
    assert.ok(!isOffence(commit(1), change(3, 2)));
    assert.ok(!isOffence(commit(2), change(2, null)));
    assert.ok(!isOffence(commit(2), change(1, null)));
  });

  it("proves nothing without both signatures", async () => {
    const { statementPreimage } = await import("@gridledger/protocol/ledger/vote");
    const signed = (statement: ReturnType<typeof prepare>) => ({
      ...statement,
      signature: sign(statementPreimage(place, statement)),
    });
    const [first, second] = [signed(prepare(a)), signed(prepare(b))];
    const whole = { height: 9, validator: 2, first, second };
    assert.ok(verifyEvidence(fakeSuite, publicKeys, place, whole));
    const forged = { ...whole, second: { ...second, signature: first.signature } };
    assert.ok(!verifyEvidence(fakeSuite, publicKeys, place, forged));
    const elsewhere = { ...place, height: 10 };
    assert.ok(!verifyEvidence(fakeSuite, publicKeys, elsewhere, whole));
  });
});
