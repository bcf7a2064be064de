import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import {
  decodeBreakGlass,
  encodeBreakGlass,
  encodeOrder,
  signOrder,
  verifyBreakGlass,
} from "@gridledger/protocol/governance/break-glass";
import { ValidatorHistory } from "@gridledger/protocol/ledger/handover";
import { makeProof, verifyProof } from "@gridledger/protocol/ledger/proof";
import type { Seal } from "@gridledger/protocol/ledger/seal";
import { inKeyOrder, quorum, validatorsHash } from "@gridledger/protocol/ledger/validators";
import { votePreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { MerkleTree } from "@gridledger/protocol/merkle/tree";
import fc from "fast-check";
import { assembleChain } from "../../edge-node/src/chain/chain-parts.ts";
import type { SealedBlock } from "../../edge-node/src/chain/ledger.ts";
import type { WalRecord } from "../../edge-node/src/consensus/ports.ts";
import { adoptBreakGlass } from "../../edge-node/src/engine/break-glass.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { ValidatorSets } from "../../hub/src/index/governance/validator-sets.ts";
import {
  enrol,
  Meter,
  network,
  type Person,
  person,
  suite,
  unloaded,
} from "../edge-node/support.ts";

const net = network({ organisations: 3 });
const { chain, validators, operator, devices, organisations } = net;
const meter = new Meter(chain, devices[0]!, "m");
const newcomer = person();
const log = { info() {}, warn() {}, error() {} };

function node(self: Person) {
  const parts = assembleChain(
    {
      ...{ chain, now: () => chain.genesis.createdMs + 60_000, clock: () => 0 },
      store: { append: () => Promise.resolve() },
      onStoreFault: (fault) => assert.fail(fault),
      onDropped: () => {},
    },
    unloaded(chain),
    self.signer.publicKey,
  );
  const give = (encoded: Uint8Array) => {
    assert.equal(parts.pool.add(new PreparedTransaction(chain, encoded)), undefined);
  };
  const written: WalRecord[] = [];
  const adopt = (encoded: Uint8Array, records: readonly WalRecord[] = []) =>
    adoptBreakGlass(
      {
        ...{ chain, signer: self.signer, ledger: parts.ledger, pool: parts.pool, log },
        document: decodeBreakGlass(encoded),
        wal: {
          append: (marks) => {
            written.push(...marks);
            return Promise.resolve();
          },
        },
      },
      { wal: "intact", records, bodies: [] },
    );
  return { ...parts, give, adopt, written };
}

type TestNode = ReturnType<typeof node>;

const setOf = (people: readonly Person[]) =>
  inKeyOrder(people.map(({ signer }) => ({ publicKey: signer.publicKey, name: "n" })));

function seal(people: readonly Person[], height: number, blockHash: Uint8Array): Seal {
  const inOrder = [...people].sort((a, b) =>
    Buffer.compare(a.signer.publicKey, b.signer.publicKey),
  );
  const hash = validatorsHash(suite.hash, setOf(people));
  const place = { chainId: chain.chainId, validatorsHash: hash, height, round: 0 };
  const preimage = votePreimage(voteType.commit, place, blockHash);
  const signatures = inOrder
    .slice(0, quorum(people.length))
    .map(({ signer }, index) => ({ signer: index, signature: signer.sign(preimage) }));
  return { round: 0, signatures };
}

/** The node's next block, sealed by these people and imported. */
function decide(
  { ledger, proposals, transactionsOf }: TestNode,
  people: readonly Person[],
): SealedBlock {
  const block = proposals.build(0);
  assert.ok(block);
  const transactions = transactionsOf(block.blockHash, block.txHashes)!;
  const sealed = { block, transactions, seal: seal(people, block.header.height, block.blockHash) };
  ledger.import(sealed, "consensus");
  return sealed;
}

const survivors = [validators[2]!, validators[3]!, newcomer];

/** Two blocks of the old set; then two of its four are gone for good. */
const history = (() => {
  const first = node(validators[0]!);
  first.give(enrol(chain, operator, newcomer, { role: "candidate" }));
  const one = decide(first, validators);
  first.give(meter.next());
  const two = decide(first, validators);
  return { blocks: [one, two], head: first.ledger.head };
})();

function orderFor(height = 2, headHash = history.head.hash, people: readonly Person[] = survivors) {
  const order = { chainId: chain.chainId, height, headHash, validators: setOf(people) };
  return encodeOrder({ ...order, reason: "two sites burnt down", timeMs: 1_800_000_000_000 });
}

const signedBy = (order: Uint8Array, count: number) =>
  encodeBreakGlass(
    order,
    organisations.slice(0, count).map(({ signer }) => signOrder(signer, order)),
  );

/** A node with the old set's blocks. */
function follower(self: Person): TestNode {
  const made = node(self);
  for (const block of history.blocks) made.ledger.import(block, "sync");
  return made;
}

const refused = (code: FaultCode) => (thrown: unknown) =>
  (thrown as { code?: string }).code === code || assert.fail(String(thrown));

describe("break-glass", () => {
  it("two thirds of the organisations are needed, each once, and nobody else counts", () => {
    const order = orderFor();
    const verify = (encoded: Uint8Array) => verifyBreakGlass(chain, decodeBreakGlass(encoded));
    assert.throws(() => verify(signedBy(order, 1)), refused("BREAK_GLASS_UNSIGNED"));
    verify(signedBy(order, 2));
    const one = signOrder(organisations[0]!.signer, order);
    assert.throws(
      () => verify(encodeBreakGlass(order, [one, one])),
      refused("BREAK_GLASS_UNSIGNED"),
    );
    const others = [operator, validators[0]!].map(({ signer }) => signOrder(signer, order));
    const mixed = encodeBreakGlass(order, [one, ...others]);
    assert.throws(() => verify(mixed), refused("BREAK_GLASS_UNSIGNED"));
    const moved = encodeBreakGlass(orderFor(1), [
      ...decodeBreakGlass(signedBy(order, 3)).signatures,
    ]);
    assert.throws(() => verify(moved), refused("BREAK_GLASS_UNSIGNED"), "signed another order");
  });

  it("an order that names nobody, no reason or keys out of order is refused", () => {
    const order = { chainId: chain.chainId, height: 2, headHash: history.head.hash, timeMs: 1 };
    const decode = (rest: { validators: ReturnType<typeof setOf>; reason: string }) =>
      decodeBreakGlass(encodeBreakGlass(encodeOrder({ ...order, ...rest }), []));
    const set = setOf(survivors);
    for (const bad of [
      { validators: [], reason: "x" },
      { validators: set, reason: "" },
      { validators: [...set].reverse(), reason: "x" },
      { validators: [set[0]!, set[0]!], reason: "x" },
    ]) {
      assert.throws(() => decode(bad), refused("BREAK_GLASS_INVALID"));
    }
  });

  it("the ordered set goes on, holds the order in its first block, and the hub's proofs verify", async () => {
    const first = follower(validators[2]!);
    await first.adopt(signedBy(orderFor(), 2));
    const three = decide(first, survivors);
    first.give(meter.next());
    const four = decide(first, survivors);
    // A node that never saw the file learns it from the block.
    const other = follower(validators[3]!);
    assert.ok(other.ledger.import(three, "sync"));
    assert.ok(other.ledger.import(four, "sync"));
    const sets = new ValidatorSets(chain);
    for (const { block, seal: by, transactions } of [...history.blocks, three, four]) {
      const bodies = transactions.map(({ encoded }) => encoded);
      assert.deepEqual(sets.sealing(block, bodies).hash, block.header.validatorsHash);
      sets.accept({ ...block, seal: by }, bodies);
    }
    const handovers = sets.handoversTo(4);
    assert.equal(handovers.length, 1);
    const [transaction] = four.transactions;
    const tree = new MerkleTree(suite.hash, four.block.txHashes);
    const { encodedHeader } = four.block;
    const parts = { encodedHeader, seal: four.seal, index: 0, path: tree.path(0) };
    const proof = makeProof(chain, { ...parts, transaction: transaction!.encoded, handovers });
    assert.equal(verifyProof(chain, proof).height, 4);
    const bare = makeProof(chain, { ...parts, transaction: transaction!.encoded });
    assert.throws(() => verifyProof(chain, bare), refused("PROOF_INVALID"));
    const { breakGlass, ...handover } = handovers[0]!;
    assert.ok(breakGlass);
    assert.throws(() => new ValidatorHistory(chain).learn([handover]), refused("PROOF_INVALID"));
    const unsigned = { ...handover, breakGlass: signedBy(orderFor(), 1) };
    assert.throws(
      () => new ValidatorHistory(chain).learn([unsigned]),
      refused("BREAK_GLASS_UNSIGNED"),
    );
  });

  it("a block of the ordered set without the order is refused, and so is one of the old set", async () => {
    const ordered = follower(validators[2]!);
    await ordered.adopt(signedBy(orderFor(), 2));
    const old = follower(validators[0]!);
    old.give(new Meter(chain, devices[0]!, "another").next());
    const late = decide(old, validators);
    assert.throws(() => ordered.ledger.import(late, "sync"), refused("BLOCK_INVALID"));
    const [mine] = ordered.pool.take(1e6, 9);
    ordered.pool.drop(mine!.key, new Fault("TX_EXPIRED"));
    ordered.give(new Meter(chain, devices[0]!, "other").next());
    assert.equal(ordered.proposals.build(0), undefined, "nothing but the order makes a block");
  });

  it("a node whose old set has gone on takes neither the order nor its block", async () => {
    const ordered = follower(validators[2]!);
    await ordered.adopt(signedBy(orderFor(), 2));
    const three = decide(ordered, survivors);
    const old = follower(validators[0]!);
    old.give(new Meter(chain, devices[1]!, "late").next());
    decide(old, validators);
    const before = old.ledger.head;
    await old.adopt(signedBy(orderFor(), 3));
    assert.equal(old.ledger.head, before, "the order changes nothing");
    assert.deepEqual(old.written, []);
    assert.equal(old.ledger.import(three, "sync"), false);
  });

  it("an order for another head waits, and counts when the node reaches its own", async () => {
    const behind = node(validators[2]!);
    behind.ledger.import(history.blocks[0]!, "sync");
    await behind.adopt(signedBy(orderFor(), 2));
    assert.equal(behind.ledger.head.breakGlass, undefined);
    behind.ledger.import(history.blocks[1]!, "sync");
    assert.equal(behind.ledger.head.validators.validators.length, 3);
    const elsewhere = follower(validators[2]!);
    await elsewhere.adopt(signedBy(orderFor(2, new Uint8Array(32)), 3));
    assert.equal(elsewhere.ledger.head.breakGlass, undefined, "another block 2");
  });

  it("what was said for the old set above the order is forgotten once, what is said for the new is not", async () => {
    const said = (height: number, round: number): WalRecord => {
      const bytes = new Uint8Array(64);
      const place = { height, round, step: 1 as const };
      return {
        kind: "signed",
        ...place,
        digest: bytes.slice(32),
        signature: bytes,
        message: bytes,
      };
    };
    const first = follower(validators[2]!);
    const seen = await first.adopt(signedBy(orderFor(), 2), [said(2, 0), said(3, 1)]);
    assert.deepEqual(
      seen.records.map((record) => (record.kind === "signed" ? record.height : record.kind)),
      [2, "amnesia"],
    );
    const again = [said(2, 0), said(3, 1), ...first.written, said(3, 0)];
    const second = follower(validators[2]!);
    const after = await second.adopt(signedBy(orderFor(), 2), again);
    assert.deepEqual(second.written, [], "marked once");
    assert.deepEqual(
      after.records.map((record) => (record.kind === "signed" ? record.height : record.kind)),
      [2, "amnesia", 3],
    );
  });

  it("property: a changed byte never verifies, whatever it does", () => {
    const encoded = signedBy(orderFor(), 2);
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const broken = Uint8Array.from(encoded);
        broken[at]! ^= by;
        assert.throws(() => verifyBreakGlass(chain, decodeBreakGlass(broken)));
      }),
      { numRuns: 300 },
    );
  });
});
