import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ApiClient } from "@gridledger/protocol/api/client";
import { verifyLog } from "@gridledger/protocol/audit/verify-log";
import { soleRing } from "@gridledger/protocol/keys/key-ring";
import { AuditAnchorTable } from "../../hub/src/anchoring/audit-anchor-table.ts";
import type { AuditAnchoring } from "../../hub/src/anchoring/audit-anchoring.ts";
import { startAuditAnchoring } from "../../hub/src/anchoring/start-audit-anchoring.ts";
import { provenAnchors } from "../../hub/src/cli/audit/proven-anchors.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { signedInAs } from "./people.ts";
import { type Rig, startRig } from "./rig.ts";

const HOUR_MS = 3_600_000;

describe("the audit log on the chain", () => {
  const builder = new ChainBuilder();
  const { chain } = builder;
  const { hash } = chain.suite;
  let rig: Rig;
  let table: AuditAnchorTable;
  let anchoring: AuditAnchoring;
  let client: ApiClient;
  let headers: Record<string, string> = {};

  before(async () => {
    rig = await startRig(builder);
    const { store, index, outbox, audit, clock } = rig;
    table = new AuditAnchorTable(store);
    client = new ApiClient({
      ...{ baseUrl: "http://localhost", headers: () => headers },
      fetch: async (path, init) => rig.app.request(String(path), init),
    });
    const log = { info() {}, warn() {}, error() {}, debug() {} };
    const keys = soleRing(chain.suite, builder.hub.signer);
    anchoring = startAuditAnchoring({ chain, keys, store, index, outbox, audit, clock, log });
  });
  after(async () => {
    await anchoring.stop();
    await rig.stop();
  });

  const say = (target: string) =>
    rig.audit.record({
      ...{ category: "user", actor: "ann", action: "user.add", target, result: "done" },
    });

  /** Looks for what is due, and makes the block that its transaction waits for. */
  async function anchor(): Promise<void> {
    const looking = anchoring.look();
    let tx: Uint8Array | null | undefined;
    while (!tx) {
      await new Promise(setImmediate);
      tx = (await table.firstOpen())?.tx;
    }
    rig.carry(builder.add([tx]));
    await looking;
  }

  const judged = async () => {
    headers = await signedInAs(rig, { name: "ada", roles: ["auditor"] });
    const { anchors } = await provenAnchors(client, chain);
    return verifyLog(hash, await rig.audit.after(0, 1_000), anchors);
  };

  it("is anchored by the hour, one anchor after the other, and verifies with the genesis", async () => {
    const linesBefore = (await rig.audit.check()).events;
    for (const target of ["bea", "carl", "dora"]) await say(target);
    await anchoring.look();
    assert.equal(await table.last(), undefined, "nothing is due yet");
    rig.clock.sleep(HOUR_MS);
    await anchor();
    await say("emil");
    rig.clock.sleep(HOUR_MS);
    await anchor();
    await say("fred");
    const verdict = { lines: linesBefore + 5, anchored: linesBefore + 4, findings: [] };
    assert.deepEqual(await judged(), verdict);
  });

  it("does not go on from an anchor that is not final", async () => {
    const { height } = (await table.last())!;
    assert.ok(height !== null && height > 0);
    assert.equal(await table.firstOpen(), undefined);
  });

  it("names a line that somebody wrote anew in the database", async () => {
    const { events } = await rig.audit.check();
    const line = events - 2;
    await rig.store.transaction((db) =>
      db("audit_events").where({ sequence: line }).update({ target: "mallory" }),
    );
    const { findings } = await judged();
    assert.deepEqual(findings, [
      { kind: "changed", line },
      { kind: "broken", line },
    ]);
  });
});
