import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it, test } from "node:test";
import { draw } from "@gridledger/protocol/committee/draw";
import {
  decodeCommitteeParameters,
  encodeCommitteeParameters,
} from "@gridledger/protocol/committee/parameters";
import {
  committeeOf,
  type DrawPlace,
  FULL_WEIGHT,
  firstTerm,
  MIN_WEIGHT,
  nextTerm,
  type Term,
} from "@gridledger/protocol/committee/term";
import { terms } from "@gridledger/protocol/committee/term-table";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { engineChange } from "@gridledger/protocol/governance/actions/engine";
import { type Constitution, genesisInForce } from "@gridledger/protocol/governance/in-force";
import { formatHex } from "@gridledger/protocol/hex";
import { inKeyOrder } from "@gridledger/protocol/ledger/validators";
import fc from "fast-check";

const { hash } = suiteByName("international");
const seedOf = (text: string) => createHash("sha256").update(text).digest();
const keyOf = (index: number) =>
  Uint8Array.of(2, ...createHash("sha256").update(`gateway ${index}`).digest());
const gateways = (count: number) =>
  inKeyOrder(
    Array.from({ length: count }, (_, index) => ({ publicKey: keyOf(index), name: `g${index}` })),
  );

function place(height: number, seats = 7, epochBlocks = 10): DrawPlace {
  return {
    ...{ hash, chainId: seedOf("chain"), height, seedHash: seedOf(`block ${height}`) },
    parameters: { seats, epochBlocks },
  };
}

const namesOf = (term: Term) => term.members.map(formatHex).sort();

describe("a draw", () => {
  it("property: gives as many different ones as there are seats, or all, and none without weight", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 100 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 45 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (weights, seats, seed) => {
          const tickets = weights.map((weight, name) => ({ weight, name }));
          const drawn = draw(hash, seed, tickets, seats);
          const able = tickets.filter(({ weight }) => weight > 0);
          assert.equal(drawn.length, Math.min(seats, able.length));
          assert.equal(new Set(drawn).size, drawn.length);
          assert.ok(drawn.every(({ weight }) => weight > 0));
          assert.deepEqual(drawn, draw(hash, seed, tickets, seats));
        },
      ),
    );
  });

  it("follows the weights: twice the weight, twice as often", () => {
    const tickets = [1, 2, 4, 8].map((weight) => ({ weight }));
    const counts = new Map(tickets.map((ticket) => [ticket, 0]));
    const rounds = 15_000;
    for (let i = 0; i < rounds; i++) {
      const [first] = draw(hash, seedOf(`${i}`), tickets, 1);
      counts.set(first!, (counts.get(first!) ?? 0) + 1);
    }
    for (const [{ weight }, count] of counts) {
      const expected = (rounds * weight) / 15;
      const deviation = Math.sqrt(expected * (1 - weight / 15));
      assert.ok(Math.abs(count - expected) < 4.5 * deviation, `${weight}: ${count}`);
    }
  });
});

describe("a term", () => {
  it("lasts an epoch of blocks, and the next is another committee", () => {
    const roster = gateways(100);
    const first = firstTerm(place(1), roster);
    assert.equal(first.members.length, 7);
    for (let height = 2; height <= 10; height++) {
      assert.equal(nextTerm(place(height), roster, first, []), first);
    }
    const second = nextTerm(place(11), roster, first, []);
    assert.equal(second.fromHeight, 11);
    assert.notDeepEqual(namesOf(second), namesOf(first));
  });

  it("ends at once when a member has left the roster", () => {
    const roster = gateways(20);
    const first = firstTerm(place(1), roster);
    const without = roster.filter(
      ({ publicKey }) => formatHex(publicKey) !== formatHex(first.members[0]!),
    );
    const second = nextTerm(place(3), without, first, []);
    assert.equal(second.fromHeight, 3);
    assert.equal(committeeOf(second, without).length, 7);
    const others = roster.filter(
      ({ publicKey }) => !first.members.some((key) => formatHex(key) === formatHex(publicKey)),
    );
    const spare = roster.filter(({ publicKey }) => publicKey !== others[0]!.publicKey);
    assert.equal(nextTerm(place(3), spare, first, []), first);
  });

  it("weighs availability: who was absent is drawn less, and wins it back", () => {
    const roster = gateways(30);
    let term = firstTerm(place(1), roster);
    const [lazy] = term.members;
    const weight = () =>
      term.weights.find(({ publicKey }) => formatHex(publicKey) === formatHex(lazy!))?.weight ?? 0;
    const before = weight();
    term = nextTerm(place(11), roster, term, [lazy!]);
    assert.equal(weight(), before >> 2);
    for (let height = 21; weight() < FULL_WEIGHT; height += 10) {
      assert.ok(height < 1_000, "it never came back");
      term = nextTerm(place(height), roster, term, []);
    }
  });

  it("property: nobody falls below the floor or rises above full, whoever is absent", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 29 }), { maxLength: 60 }), (absences) => {
        const roster = gateways(30);
        let term = firstTerm(place(1), roster);
        for (const [epoch, index] of absences.entries()) {
          const absent = [roster[index]!.publicKey, ...term.members.slice(0, 2)];
          term = nextTerm(place(11 + 10 * epoch), roster, term, absent);
        }
        for (const { weight } of term.weights) {
          assert.ok(weight >= MIN_WEIGHT && weight <= FULL_WEIGHT);
        }
      }),
    );
  });

  it("gives everybody a share over the epochs", () => {
    const roster = gateways(100);
    let term = firstTerm(place(1), roster);
    const served = new Map<string, number>();
    const epochs = 1_000;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (const name of namesOf(term)) served.set(name, (served.get(name) ?? 0) + 1);
      term = nextTerm(place(1 + 10 * epoch), roster, term, []);
    }
    const counts = roster.map(({ publicKey }) => served.get(formatHex(publicKey)) ?? 0);
    assert.ok(Math.min(...counts) > 40, `the least: ${Math.min(...counts)} of 70`);
    assert.ok(Math.max(...counts) < 105, `the most: ${Math.max(...counts)} of 70`);
  });

  it("is stored as it is, and is all of a small roster", () => {
    const roster = gateways(5);
    const term = firstTerm(place(1), roster);
    assert.deepEqual(terms.decode(terms.encode(term)), term);
    assert.deepEqual(committeeOf(term, roster), roster);
  });
});

test("parameters that no chain can run on are refused", () => {
  const good = { seats: 7, epochBlocks: 100 };
  assert.deepEqual(decodeCommitteeParameters(encodeCommitteeParameters(good)), good);
  const wrong = [
    undefined,
    new Uint8Array(0),
    encodeCommitteeParameters({ ...good, seats: 0 }),
    encodeCommitteeParameters({ ...good, epochBlocks: 0 }),
  ];
  for (const encoded of wrong) {
    assert.throws(() => decodeCommitteeParameters(encoded), { code: "GENESIS_INVALID" });
  }
  assert.throws(() => decodeCommitteeParameters(encodeCommitteeParameters({ ...good, seats: 65 })));
});

test("a vote on the committee engine needs parameters that it can run on, or the chain would stop", () => {
  const chain = {
    validators: gateways(4),
    suite: { id: 1 },
    genesis: { engine: "poa" },
  } as unknown as Constitution;
  const check = (parameters: Uint8Array) =>
    engineChange.check(genesisInForce(chain), { type: "engine", engine: "committee", parameters });
  assert.equal(check(encodeCommitteeParameters({ seats: 3, epochBlocks: 10 })), undefined);
  const wrong = [
    new Uint8Array(0),
    Uint8Array.of(0xff),
    encodeCommitteeParameters({ seats: 0, epochBlocks: 10 }),
  ];
  for (const parameters of wrong) assert.equal(check(parameters)?.code, "PROPOSAL_UNFIT");
});
