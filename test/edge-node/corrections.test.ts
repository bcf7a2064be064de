import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import {
  correctedDays,
  correctionDay,
  correctionHeads,
  MAX_VALUES_KEPT,
} from "@gridledger/protocol/ledger/corrected-values";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import type { CorrectedValue, CorrectionContent } from "@gridledger/protocol/metering/correction";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import {
  agreementOf,
  changed,
  contentOf,
  corrected,
  estimated,
  NO_HASH,
  originalOf,
  payloadOf,
  REGISTER,
  read,
  voided,
} from "../support/corrections.ts";
import { Meter, network, type Person, sign, suite } from "./support.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 2, 1);
const NOW = START + 2 * DAY_MS;
const net = network();
const { chain, validators, operator, hub, organisations } = net;
const [device, stranger] = net.devices as [Person, Person];
const [organisation] = organisations;
const meter = new Meter(chain, device, "house-1");
const times = [0, 1, 2, 3].map((at) => START + at * 900_000);
const [first, second] = times as [number, number];
const batch = meter.next({
  timesMs: times,
  registers: [{ ...REGISTER, values: [1_000, 1_100, null, 1_300] }],
});
const deps = { chain, recent: new Set<string>() };

function execute(tree: StateTree, timeMs: number, ...encoded: Uint8Array[]): StateTree | Fault {
  const transactions = encoded.map((bytes) => new PreparedTransaction(chain, bytes));
  const at = { height: 2, timeMs, parentHash: new Uint8Array(32) };
  const outcome = executeBlock(deps, tree, at, transactions);
  return outcome instanceof Fault ? outcome : outcome.tree;
}

const start = execute(genesisState(chain), NOW, batch);
if (start instanceof Fault) throw start;

type Change = Partial<CorrectionContent> & { readonly values?: readonly CorrectedValue[] };

/** Of the batch above. */
function content({ values, ...change }: Change = {}): Uint8Array {
  const registers = [
    { ...REGISTER, values: values ?? [changed(second, read(1_100), corrected(1_150))] },
  ];
  return contentOf(chain, validators, batch, { registers, ...change });
}

const said = (by: Person, encoded: Uint8Array, agreement?: Uint8Array) =>
  sign(chain, by, payloadOf(encoded, agreement), { kind: kind.correction });

/** By an operator, agreed by an organisation. */
const agreed = (encoded: Uint8Array, by: Person = organisation!) =>
  said(operator, encoded, agreementOf(chain, by.signer, encoded));

function refuses(code: FaultCode, ...encoded: Uint8Array[]): Fault {
  const outcome = execute(start as StateTree, NOW, ...encoded);
  assert.ok(outcome instanceof Fault, "it was executed");
  assert.equal(outcome.code, code, outcome.message);
  return outcome;
}

function passes(...encoded: Uint8Array[]): StateView {
  const outcome = execute(start as StateTree, NOW, ...encoded);
  if (outcome instanceof Fault) throw outcome;
  return new StateView(outcome);
}

describe("a correction of a reading", () => {
  it("stands beside the reading, and the meter's run goes on as it was", () => {
    const one = content();
    const view = passes(said(device, one));
    const day = correctionDay(second);
    const entry = { ...REGISTER, timeMs: second, ...corrected(1_150), number: 1, isOwn: true };
    assert.deepEqual(view.get(correctedDays, { meter: "house-1", day }), [entry]);
    assert.deepEqual(view.get(correctionHeads, "house-1"), {
      ...{ number: 1, contentHash: new Uint8Array(suite.hash(one)) },
      days: [{ day, values: 1 }],
    });
    passes(said(device, one), meter.next({ timesMs: [START + 3_600_000] }));
  });

  it("is corrected again by the next one, and the newest counts", () => {
    const one = content();
    const link = { number: 2, previousHash: suite.hash(one) };
    const two = content({ ...link, values: [changed(second, corrected(1_150), estimated(1_140))] });
    const view = passes(said(device, one), agreed(two));
    const entries = view.get(correctedDays, { meter: "house-1", day: correctionDay(second) });
    assert.deepEqual(
      entries?.map(({ value, number, isOwn }) => [value, number, isOwn]),
      [[1_140, 2, false]],
    );
  });

  it("fills in what the meter did not give, and takes away what it should not have", () => {
    const values = [
      changed(first, read(1_000), voided),
      changed(times[2]!, read(null), estimated(1_200)),
    ];
    const view = passes(said(device, content({ values })));
    const entries = view.get(correctedDays, { meter: "house-1", day: correctionDay(first) });
    assert.deepEqual(
      entries?.map(({ status, value }) => [status, value]),
      [
        ["void", null],
        ["estimated", 1_200],
      ],
    );
  });

  it("is refused where it is stale: another value stands there", () => {
    const values = [changed(second, read(1_099), corrected(1_150))];
    const { cause } = refuses("CORRECTION_STALE", said(device, content({ values })));
    assert.deepEqual((cause as Fault).data, { status: "original", value: 1_100 });
    const one = content();
    const again = content({ number: 2, previousHash: suite.hash(one) });
    refuses("CORRECTION_STALE", said(device, one), said(device, again));
  });

  it("is refused out of order, beside another line, and a second time", () => {
    const one = content();
    const other = content({ words: "another story" });
    const link = { values: [changed(second, corrected(1_150), corrected(1_160))] };
    refuses("CORRECTION_SEQUENCE", said(device, content({ number: 2 })));
    refuses("CORRECTION_SEQUENCE", said(device, one), said(device, other));
    const beside = content({ ...link, number: 2, previousHash: suite.hash(other) });
    refuses("CORRECTION_SEQUENCE", said(device, one), said(device, beside));
    const bytes = said(device, one);
    refuses("TX_REPLAYED", bytes, bytes);
    const resigned = sign(chain, device, payloadOf(one), {
      ...{ kind: kind.correction, nonce: Uint8Array.of(1) },
    });
    refuses("CORRECTION_SEQUENCE", said(device, one), resigned);
  });

  it("is refused for a meter, batch, time or register that is not there", () => {
    const elsewhere = new Meter(chain, device, "house-9").next({
      timesMs: times,
      registers: [{ ...REGISTER, values: [1, 2, 3, 4] }],
    });
    const nowhere = contentOf(chain, validators, elsewhere, {
      registers: [{ ...REGISTER, values: [changed(second, read(2), corrected(3))] }],
    });
    refuses("CORRECTION_ORIGINAL", said(device, nowhere));
    refuses("CORRECTION_ORIGINAL", said(device, content({ sequence: 2 })));
    const original = originalOf(chain, validators, elsewhere);
    refuses("CORRECTION_ORIGINAL", said(device, content({ original })));
    const between = [changed(second + 1, read(1_100), corrected(1_150))];
    refuses("CORRECTION_ORIGINAL", said(device, content({ values: between })));
    const registers = [
      { ...REGISTER, obis: "1-0:2.8.0", values: [changed(second, read(1_100), corrected(1))] },
    ];
    refuses("CORRECTION_ORIGINAL", said(device, content({ registers })));
  });

  it("is refused where the proof of the batch is not one of this chain", () => {
    const foreign = network();
    const unsealed = originalOf(chain, foreign.validators, batch);
    refuses("CORRECTION_ORIGINAL", said(device, content({ original: unsealed })));
    const bytes = Buffer.from(originalOf(chain, validators, batch));
    bytes[bytes.length - 40]! ^= 1;
    refuses("CORRECTION_ORIGINAL", said(device, content({ original: bytes })));
  });

  it("is refused in another unit or scaler", () => {
    const values = [changed(second, read(1_100), corrected(1_150))];
    for (const change of [{ unit: "varh" }, { scaler: 1 }]) {
      const registers = [{ ...REGISTER, ...change, values }];
      refuses("CORRECTION_UNIT", said(device, content({ registers })));
    }
  });

  it("is refused with a value that no register has", () => {
    const make =
      (value: number, scaler = 0) =>
      () =>
        content({
          registers: [
            { ...REGISTER, scaler, values: [changed(second, read(1_100), corrected(value))] },
          ],
        });
    for (const one of [make(-1), make(Number.MAX_SAFE_INTEGER, 3), make(1_100)]) {
      assert.throws(one, { code: "CORRECTION_VALUE" });
    }
  });

  it("is refused of the future, and when it comes too late", () => {
    const early = execute(start as StateTree, first + 1, said(device, content()));
    assert.equal((early as Fault).code, "CORRECTION_FUTURE");
    const atDay = (days: number, encoded: Uint8Array) =>
      execute(start as StateTree, second + days * DAY_MS, encoded);
    assert.ok(!(atDay(8, said(device, content())) instanceof Fault));
    assert.equal((atDay(9, said(device, content())) as Fault).code, "CORRECTION_OLD");
    assert.ok(!(atDay(400, agreed(content())) instanceof Fault));
    assert.equal((atDay(401, agreed(content())) as Fault).code, "CORRECTION_OLD");
  });

  it("is the device's own affair, or an operator's to which somebody else agrees", () => {
    const one = content();
    refuses("CORRECTION_RIGHT", said(stranger, one));
    refuses("SENDER_ROLE", said(hub, one));
    refuses("SENDER_ROLE", said(organisation!, one));
    refuses("CORRECTION_RIGHT", said(operator, one));
    passes(agreed(one));
    passes(agreed(one, device));
    refuses("CORRECTION_RIGHT", agreed(one, operator));
    refuses("CORRECTION_RIGHT", agreed(one, stranger));
    refuses("CORRECTION_RIGHT", agreed(one, hub));
    const other = agreementOf(chain, organisation!.signer, content({ words: "else" }));
    refuses("CORRECTION_RIGHT", said(operator, one, other));
    refuses("CORRECTION_RIGHT", said(operator, one, Uint8Array.of(1, 2, 3)));
    const forged = Buffer.from(agreementOf(chain, organisation!.signer, one));
    forged[forged.length - 1]! ^= 1;
    refuses("CORRECTION_RIGHT", said(operator, one, forged));
  });

  it("of an operator is not undone by the device", () => {
    const one = content();
    const back = content({
      ...{ number: 2, previousHash: suite.hash(one) },
      values: [changed(second, corrected(1_150), corrected(1_100))],
    });
    refuses("CORRECTION_RIGHT", agreed(one), said(device, back));
    passes(agreed(one), agreed(back));
  });

  it("leaves the state when nobody can correct its day any more", () => {
    const again = new Meter(chain, device, "house-1");
    again.next({
      timesMs: times,
      registers: [{ ...REGISTER, values: [1_000, 1_100, null, 1_300] }],
    });
    const laterMs = NOW + 500 * DAY_MS;
    const later = again.next({
      timesMs: [laterMs - 1_000],
      registers: [{ ...REGISTER, values: [9_000] }],
    });
    const one = content();
    const held = execute(start as StateTree, NOW, agreed(one)) as StateTree;
    const two = contentOf(chain, validators, later, {
      ...{ number: 2, previousHash: suite.hash(one) },
      registers: [{ ...REGISTER, values: [changed(laterMs - 1_000, read(9_000), voided)] }],
    });
    const tree = execute(held, laterMs, later, said(device, two));
    if (tree instanceof Fault) throw tree;
    const view = new StateView(tree);
    const day = correctionDay(laterMs - 1_000);
    assert.deepEqual(view.get(correctionHeads, "house-1")?.days, [{ day, values: 1 }]);
    assert.equal(
      view.get(correctedDays, { meter: "house-1", day: correctionDay(second) }),
      undefined,
    );
  });

  it("is refused when the state keeps no more of the meter", () => {
    const view = new StateView(start as StateTree);
    const days = [{ day: correctionDay(NOW), values: MAX_VALUES_KEPT }];
    view.set(correctionHeads, "house-1", { number: 1, contentHash: NO_HASH, days });
    const next = said(device, content({ number: 2 }));
    const outcome = execute(view.commit().tree, NOW, next);
    assert.equal((outcome as Fault).code, "CORRECTION_FULL");
  });
});
