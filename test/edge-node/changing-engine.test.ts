import assert from "node:assert/strict";
import { it } from "node:test";
import type { Action, EngineEvent, WalRecord } from "../../edge-node/src/consensus/ports.ts";
import { ChangingEngine } from "../../edge-node/src/engine/changing-engine.ts";

const parameters = new Uint8Array(0);

/** Two engines that note what they hear; the second runs from height 10. */
function world(startHeight: number) {
  const heard: Record<string, EngineEvent[]> = { first: [], second: [] };
  let next = startHeight;
  let answer: readonly Action[] = [];
  const engine = new ChangingEngine({
    span: () =>
      next < 10
        ? { fromHeight: 1, engine: "first", parameters }
        : { fromHeight: 10, engine: "second", parameters },
    create: (span) => ({
      handle(event) {
        heard[span.engine]!.push(event);
        return answer;
      },
    }),
    onChange: () => {},
  });
  const newHeight = (height: number, actions: readonly Action[] = []) => {
    next = height;
    answer = actions;
    const event = { type: "newHeight", height, parentHash: new Uint8Array(32) } as EngineEvent;
    return engine.handle(event);
  };
  return { engine, heard, newHeight, say: (actions: readonly Action[]) => (answer = actions) };
}

const signed = (height: number): WalRecord => ({
  ...{ kind: "signed", height, round: 0, step: 3 },
  ...{ digest: parameters, signature: parameters, message: parameters },
});

it("the old engine never hears of the height from which the new one runs", () => {
  const { engine, heard, newHeight } = world(8);
  engine.handle({ type: "restored", wal: "intact", records: [] });
  engine.handle({ type: "connected" });
  newHeight(8);
  newHeight(9);
  newHeight(10);
  assert.deepEqual(
    heard.first!.flatMap((event) => (event.type === "newHeight" ? [event.height] : [])),
    [8, 9],
  );
  assert.deepEqual(
    heard.second!.map(({ type }) => type),
    ["restored", "connected", "newHeight"],
  );
});

it("a log gives each engine what it has signed itself, and how far the log can be trusted", () => {
  const { engine, heard } = world(11);
  const amnesia: WalRecord = { kind: "amnesia", state: "active" };
  const records = [amnesia, signed(9), signed(10), signed(11)];
  engine.handle({ type: "restored", wal: "intact", records });
  const [restored] = heard.second!;
  assert.deepEqual(restored, {
    type: "restored",
    wal: "intact",
    records: [amnesia, ...records.slice(2)],
  });
});

it("who may have forgotten signatures does not sign with the new engine either", () => {
  const { engine, heard, newHeight } = world(9);
  engine.handle({ type: "restored", wal: "missing", records: [] });
  newHeight(9, [{ type: "record", records: [{ kind: "amnesia", state: "active" }] }]);
  newHeight(10);
  const [restored] = heard.second!;
  assert.deepEqual(restored, {
    type: "restored",
    wal: "intact",
    records: [{ kind: "amnesia", state: "active" }],
  });
});

it("a timer of the old engine says nothing to the new one", () => {
  const { engine, heard, newHeight, say } = world(9);
  engine.handle({ type: "restored", wal: "intact", records: [] });
  const [started] = newHeight(9, [{ type: "startTimer", id: 1, delayMs: 5 }]);
  const again = newHeight(10, [{ type: "startTimer", id: 1, delayMs: 5 }]).at(-1);
  assert.ok(started?.type === "startTimer" && again?.type === "startTimer");
  assert.notEqual(started.id, again.id);
  say([]);
  const before = heard.second!.length;
  engine.handle({ type: "timer", id: started.id });
  assert.equal(heard.second!.length, before);
  engine.handle({ type: "timer", id: again.id });
  assert.deepEqual(heard.second!.at(-1), { type: "timer", id: 1 });
});
