import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { contract } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { collectKey } from "../../hub/src/cli/recovery/collect-key.ts";
import { proveRequest } from "../../hub/src/cli/recovery/proven-request.ts";
import { Keeping } from "./keeping.ts";
import { signedInAs } from "./people.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

describe("the recovery of an encryption key over REST", () => {
  const world = new Keeping();
  const { suite } = world;
  const newOpener = () => suite.opener(suite.generateSealingKey());

  before(() => world.start());
  after(() => world.stop());

  test("kept, asked for, released by two of three, and back on the requester's machine", async () => {
    const pkcs8 = suite.generateSealingKey();
    const escrow = await world.kept(pkcs8);
    const device = newOpener();
    const id = await world.asked(escrow, device.publicKey);
    const path = `requests/${id}`;
    const [north, east, south] = world.keepers;
    const stateFor = async (headers: Record<string, string>) => {
      const { json } = await world.get(path, headers);
      contract.recoveryRequest.answer.parse(json);
      return [json.state, json.waiting, json.releases.length];
    };
    assert.deepEqual(await stateFor(north!.headers), ["open", "release", 0]);
    assert.equal((await world.releases(id, escrow, 0, device.publicKey)).json.state, "final");
    assert.deepEqual(await stateFor(north!.headers), ["open", null, 0], "one share opens nothing");
    assert.equal((await world.releases(id, escrow, 2, device.publicKey)).json.state, "final");
    assert.deepEqual(await stateFor(east!.headers), ["ready", "release", 2]);

    const { json: detail } = await world.get(path, world.operator);
    const proven = proveRequest(world.builder.chain, detail);
    assert.equal(proven.requester, world.builder.operator.id);
    const collected = collectKey(suite, proven.escrow, device, detail.releases);
    assert.deepEqual(Buffer.from(collected.pkcs8!), Buffer.from(pkcs8));

    const record = { action: "completed", publicKey: escrow.publicKey } as const;
    const done = { ...record, recipientKey: device.publicKey };
    const transaction = world.sign(world.builder.operator, done, new Uint8Array(0));
    const completed = await world.post(`${path}/complete`, { transaction }, world.operator);
    assert.equal(completed.status, 200, JSON.stringify(completed.json));
    assert.equal((await stateFor(south!.headers))[0], "completed");
    const late = await world.releases(id, escrow, 1, device.publicKey);
    assert.equal(late.json.code, "RECOVERY_CLOSED");

    const told = async (headers: Record<string, string>) => {
      const { json } = await world.get("notices", headers);
      contract.recoveryNotices.answer.parse(json);
      const ofKey = json.items.filter(
        (one: { publicKey: string }) => one.publicKey === formatHex(escrow.publicKey),
      );
      return ofKey.map(({ what }: { what: string }) => what).reverse();
    };
    assert.deepEqual(await told(world.owner), [
      "kept",
      "asked",
      "released",
      "released",
      "completed",
    ]);
    assert.deepEqual(await told(east!.headers), ["kept", "asked", "completed"]);
    const lines = await world.rig.audit.page({ limit: 5, target: formatHex(escrow.publicKey) });
    assert.deepEqual(
      lines.map(({ actor, action, result }) => `${actor} ${action} ${result}`).reverse(),
      [
        "meter-1 key.keep done",
        "wang key.ask done",
        "keeper-north key.release done",
        "keeper-south key.release done",
        "wang key.complete done",
      ],
    );
  });

  test("the hub cannot put its own key, reason or share beside what was signed", async () => {
    const escrow = await world.kept();
    const device = newOpener();
    const id = await world.asked(escrow, device.publicKey);
    const { json: detail } = await world.get(`requests/${id}`, world.operator);
    const { chain } = world.builder;
    const other = await world.kept();
    const otherId = await world.asked(other, newOpener().publicKey);
    const { json: foreign } = await world.get(`requests/${otherId}`, world.operator);
    assert.deepEqual(proveRequest(chain, detail).recipientKey, Uint8Array.from(device.publicKey));
    for (const change of [
      { reason: "another" },
      { expiresMs: detail.expiresMs + 1 },
      { label: "another" },
      { escrow: { ...detail.escrow, box: foreign.escrow.box } },
      { askedProof: foreign.askedProof },
      { keptProof: foreign.keptProof },
    ]) {
      assert.throws(
        () => proveRequest(chain, { ...detail, ...change }),
        (thrown) => thrown instanceof Fault && thrown.code === "RECOVERY_CONTENT",
        JSON.stringify(Object.keys(change)),
      );
    }
    const body = world.release(escrow, 0, device.publicKey);
    const swapped = { ...body, sealed: world.release(escrow, 0, device.publicKey).sealed };
    const { headers } = world.keepers[0]!;
    const path = `requests/${id}/releases`;
    assert.equal((await world.post(path, swapped, headers)).json.code, "RECOVERY_CONTENT");
    assert.equal((await world.post(path, body, headers)).json.state, "final");
    assert.equal((await world.post(path, body, headers)).json.state, "final", "said again");
    const again = world.release(escrow, 0, device.publicKey);
    assert.equal((await world.post(path, again, headers)).json.code, "RECOVERY_REPEATED");
  });

  test("signing keys, one organisation twice and a content that was not signed are not kept", async () => {
    const escrow = world.escrow();
    const codeOf = async (body: object) => (await world.post("keys", body, world.owner)).json.code;
    const { publicKey: signing } = world.builder.devices[1]!.signer;
    const ofSigner = world.deposit(escrow, { publicKey: signing });
    assert.equal(await codeOf(ofSigner), "RECOVERY_SIGNING_KEY");
    const twice = world.keepers.map(({ key }, index) => {
      return { id: Buffer.from(key.id, "hex"), organisation: index < 2 ? "North" : "South" };
    });
    assert.equal(await codeOf(world.deposit(escrow, { custodians: twice })), "RECOVERY_PLAN");
    const good = world.deposit(escrow);
    assert.equal(await codeOf({ ...good, label: "another" }), "RECOVERY_CONTENT");
    assert.equal(await codeOf({ ...good, box: "AAAA" }), "RECOVERY_CONTENT");
    assert.equal(await codeOf(good), undefined);
    assert.equal(await codeOf(good), undefined, "said again");
    const another = world.escrow();
    const same = world.deposit(another, { publicKey: escrow.publicKey });
    assert.equal(await codeOf(same), "RECOVERY_REPEATED");
  });

  test("who asks approves nothing: neither by key nor by account; strangers neither ask nor approve", async () => {
    const escrow = await world.kept();
    const { publicKey: to } = newOpener();
    const [north] = world.keepers;
    const asks = (by: Parameters<typeof world.asking>[2], headers = world.operator) =>
      world.post("requests", world.asking(escrow, to, by), headers);
    assert.equal((await asks(north!.key)).json.code, "RECOVERY_RIGHT");
    assert.equal((await asks(world.builder.devices[1]!)).json.code, "RECOVERY_RIGHT");
    const both = await signedInAs(world.rig, { name: "both", roles: ["operator", "custodian"] });
    const { json } = await asks(world.builder.operator, both);
    const path = `requests/${json.id}/releases`;
    const body = world.release(escrow, 0, to);
    assert.equal((await world.post(path, body, both)).json.code, "RECOVERY_RIGHT");
    const foreign = world.sign(
      world.builder.devices[1]!,
      { action: "approved", publicKey: escrow.publicKey, recipientKey: to },
      Buffer.alloc(16),
    );
    const stranger = { ...body, transaction: foreign };
    assert.equal((await world.post(path, stranger, north!.headers)).json.code, "RECOVERY_CONTENT");
    assert.equal((await world.post(path, body, north!.headers)).json.state, "final");
  });

  test("a request ends with its time, and another one takes its place", async () => {
    const escrow = await world.kept();
    const [first, second] = [newOpener(), newOpener()];
    const id = await world.asked(escrow, first.publicKey);
    await world.releases(id, escrow, 0, first.publicKey);
    const next = await world.asked(escrow, second.publicKey);
    const stateOf = async (one: string) =>
      (await world.get(`requests/${one}`, world.operator)).json.state;
    assert.equal(await stateOf(id), "replaced");
    const late = await world.releases(id, escrow, 1, first.publicKey);
    assert.equal(late.json.code, "RECOVERY_CLOSED");
    world.rig.clock.advance(MINUTE_MS + 1);
    assert.equal(await stateOf(next), "expired");
    const expired = await world.releases(next, escrow, 1, second.publicKey);
    assert.equal(expired.json.code, "RECOVERY_CLOSED");
    const unknown = await world.get(`requests/${"0".repeat(32)}`, world.operator);
    assert.equal(unknown.json.code, "RECOVERY_UNKNOWN");
    const long = world.asking(escrow, newOpener().publicKey, world.builder.operator, 31 * DAY_MS);
    assert.equal((await world.post("requests", long, world.operator)).json.code, "REQUEST_INVALID");
  });
});

describe("a share that does not fit", () => {
  const world = new Keeping();
  const { suite } = world;
  before(() => world.start());
  after(() => world.stop());

  test("is named by its commitments, its custodian is told, and the others' are enough", async () => {
    const pkcs8 = suite.generateSealingKey();
    const escrow = await world.kept(pkcs8);
    const device = suite.opener(suite.generateSealingKey());
    const id = await world.asked(escrow, device.publicKey);
    const bad = suite.seal(device.publicKey, Buffer.alloc(32, 1), Buffer.from("no release"));
    await world.releases(id, escrow, 1, device.publicKey, bad);
    await world.releases(id, escrow, 0, device.publicKey);
    const detail = async () => (await world.get(`requests/${id}`, world.operator)).json;
    const first = collectKey(suite, escrow, device, (await detail()).releases);
    assert.deepEqual([first.bad, first.pkcs8], [[2], undefined]);
    const path = `requests/${id}/bad-shares`;
    const stranger = await signedInAs(world.rig, { name: "other", roles: ["operator"] });
    const denied = await world.post(path, { places: [1] }, stranger);
    assert.equal(denied.json.code, "RECOVERY_RIGHT");
    assert.deepEqual((await world.post(path, { places: [2, 3] }, world.operator)).json, {
      reported: [2],
    });
    const after = await detail();
    assert.equal(after.state, "open");
    assert.deepEqual(
      after.custodians.map(({ share }: { share: string }) => share),
      ["released", "bad", "waiting"],
    );
    const { json } = await world.get("notices", world.keepers[1]!.headers);
    assert.equal(json.items[0].what, "bad-share");
    await world.releases(id, escrow, 2, device.publicKey);
    const second = collectKey(suite, escrow, device, (await detail()).releases);
    assert.deepEqual(second.bad, [2]);
    assert.deepEqual(Buffer.from(second.pkcs8!), Buffer.from(pkcs8));
  });

  test("owners see and ask for their own keys, and nobody else's", async () => {
    const escrow = await world.kept();
    const own = { owner: world.ownerKey.id };
    const { json } = await world.get(`keys?owner=${own.owner}`, world.owner);
    assert.ok(
      json.items.some(
        (one: { publicKey: string }) => one.publicKey === formatHex(escrow.publicKey),
      ),
    );
    assert.equal((await world.get("keys", world.owner)).json.code, "FORBIDDEN");
    const { publicKey: to } = suite.opener(suite.generateSealingKey());
    const asking = world.asking(escrow, to, world.ownerKey);
    assert.equal((await world.post("requests", asking, world.owner)).json.code, "FORBIDDEN");
    const asked = await world.post("requests", { ...asking, ...own }, world.owner);
    assert.equal(asked.json.state, "final");
    const path = `requests/${asked.json.id}`;
    assert.equal((await world.get(`${path}?owner=${own.owner}`, world.owner)).json.state, "open");
    const other = {
      name: "meter-2",
      roles: ["device"],
      attributes: { identity: "1".repeat(20) },
    } as const;
    const stranger = await signedInAs(world.rig, other);
    const foreign = await world.get(`${path}?owner=${"1".repeat(20)}`, stranger);
    assert.equal(foreign.json.code, "RECOVERY_UNKNOWN");
  });

  test("custodians are listed with what a share is sealed to", async () => {
    const { json } = await world.get("custodians", world.owner);
    contract.custodians.answer.parse(json);
    const names = json.items.map(({ organisation }: { organisation: string }) => organisation);
    assert.deepEqual(names.sort(), ["East", "North", "South"]);
  });
});
