import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { ChainBuilder } from "../support/chain-builder.ts";
import { call } from "./call.ts";
import { signedInAs, startAdministered } from "./people.ts";
import { type Rig, startRig } from "./rig.ts";

type Headers = Record<string, string>;
const why = { en: "for the test", zh: "测试" };
const denyAuditors = {
  ...{ id: "no-readings", effect: "deny", roles: ["auditor"], permissions: ["ledger.read"] },
  ...{ where: [], why },
};

describe("rules of administrators", () => {
  let rig: Rig;
  let admin: Headers;
  let auditor: Headers;
  const builder = new ChainBuilder();
  before(async () => {
    rig = await startRig(builder, { anonymousReads: false });
  });
  after(() => rig.stop());
  beforeEach(async () => {
    admin = await signedInAs(rig, { name: "zhao.min", roles: ["administrator"] });
    auditor = await signedInAs(rig, { name: "li.na", roles: ["auditor"] });
  });

  const setRules = (rules: readonly object[], version = rig.policy.version) =>
    call(rig, "/api/v1/access/rules", {
      headers: admin,
      body: { version, note: "a test", rules },
    });
  const ask = async (query: string, headers = admin) =>
    (await call(rig, `/api/v1/access/decision?${query}`, { headers })).json;

  test("count at once, stand before the shipped ones, and are kept with their history", async () => {
    assert.equal((await call(rig, "/api/v1/blocks", { headers: auditor })).status, 200);
    assert.equal((await setRules([denyAuditors])).status, 200);
    const { status, json } = await call(rig, "/api/v1/blocks", { headers: auditor });
    assert.equal(status, 403);
    assert.match(json.detail, /no-readings/);
    await setRules([]);
    assert.equal((await call(rig, "/api/v1/blocks", { headers: auditor })).status, 200);
    const { json: history } = await call(rig, "/api/v1/access/history", { headers: admin });
    assert.deepEqual(
      history.items.map((one: { version: number; rules: unknown[] }) => [
        one.version,
        one.rules.length,
      ]),
      [
        [2, 0],
        [1, 1],
      ],
    );
  });

  test("survive a restart", async () => {
    await setRules([denyAuditors]);
    await rig.stop(true);
    rig = await startRig(builder, { anonymousReads: false, directory: rig.directoryPath });
    assert.equal(rig.policy.added[0]?.id, "no-readings");
    await rig.policy.change(
      { name: "hub", roles: [], attributes: {} },
      {
        ...{ version: rig.policy.version, note: "clean", rules: [] },
      },
    );
  });

  test("that would lock everybody out are refused", async () => {
    for (const permission of ["user.manage", "access.manage"]) {
      const deny = {
        ...{ id: "lock", effect: "deny", roles: ["member"], permissions: [permission], why },
      };
      assert.equal((await setRules([deny])).json.code, "LAST_ADMINISTRATOR", permission);
    }
    assert.equal(rig.policy.added.length, 0);
  });

  test("that would raise their author's rights are refused", async () => {
    const permit = { ...denyAuditors, id: "more", effect: "permit" };
    for (const roles of [["administrator"], ["member"], ["administrator", "auditor"]]) {
      const rule = { ...permit, roles, permissions: ["certificate.approve"] };
      assert.equal((await setRules([rule])).json.code, "RIGHTS_OWN");
    }
    const limit = { ...denyAuditors, id: "limit", roles: ["administrator"] };
    assert.equal((await setRules([limit])).status, 200);
    assert.equal(
      (await setRules([])).json.code,
      "RIGHTS_OWN",
      "nor is a limit lifted by whom it limits",
    );
    await rig.policy.change(
      { name: "hub", roles: [], attributes: {} },
      {
        ...{ version: rig.policy.version, note: "clean", rules: [] },
      },
    );
    assert.equal((await setRules([{ ...permit, permissions: ["certificate.read"] }])).status, 200);
    await setRules([]);
  });

  test("made from an older version are refused", async () => {
    const { version } = rig.policy;
    await setRules([denyAuditors], version);
    assert.equal((await setRules([], version)).json.code, "POLICY_CHANGED");
    await setRules([]);
  });

  test("of a wrong shape, about what no route tells, or too many are refused", async () => {
    const bad: readonly object[] = [
      { ...denyAuditors, id: "guard.own-rights" },
      { ...denyAuditors, permissions: ["no.such"] },
      { ...denyAuditors, roles: ["everybody"] },
      { ...denyAuditors, where: [{ attribute: "resource.owner", oneOf: ["x"] }] },
      { ...denyAuditors, where: [{ attribute: "user.region" }] },
      { ...denyAuditors, where: [{ attribute: "user.__proto__", oneOf: ["x"] }] },
      { ...denyAuditors, effect: "permit", roles: ["local"], permissions: ["user.manage"] },
      { ...denyAuditors, surprise: true },
    ];
    for (const rule of bad) {
      const { status, json } = await setRules([rule]);
      assert.equal(status, 400, JSON.stringify(rule));
      assert.match(json.code, /POLICY_INVALID|REQUEST_INVALID/);
    }
    assert.equal((await setRules([denyAuditors, denyAuditors])).json.code, "POLICY_INVALID");
    const many = Array.from({ length: 201 }, (_, i) => ({ ...denyAuditors, id: `r${i}` }));
    assert.equal((await setRules(many)).json.code, "REQUEST_INVALID");
    const huge = Array.from({ length: 20_000 }, (_, i) => ({ ...denyAuditors, id: `r${i}` }));
    assert.equal((await setRules(huge)).json.code, "REQUEST_TOO_LARGE");
  });

  test("the most that are taken are decided quickly", async () => {
    const where = Array.from({ length: 8 }, () => ({ attribute: "user.region", oneOf: ["x"] }));
    const many = Array.from({ length: 200 }, (_, i) => ({ ...denyAuditors, where, id: `r${i}` }));
    assert.equal((await setRules(many)).status, 200);
    const subject = { name: "x", roles: ["auditor"], attributes: { region: "y" } } as const;
    const startMs = performance.now();
    for (let i = 0; i < 1_000; i++) rig.policy.decide(subject, "ledger.read", {});
    assert.ok(performance.now() - startMs < 2_000);
    await setRules([]);
  });

  test("may X do Y: the deciding rule and why, in both languages", async () => {
    const denied = await ask("user=li.na&permission=user.manage&resource=user=wang.li");
    assert.equal(denied.effect, "deny");
    assert.equal(denied.rule.id, "guard.only-reads");
    assert.match(denied.why.zh, /只读/);
    const own = await ask("user=zhao.min&permission=user.manage&resource=user=zhao.min");
    assert.equal(own.rule.id, "guard.own-rights");
    const permitted = await ask("user=zhao.min&permission=user.manage&resource=user=li.na");
    assert.equal(permitted.effect, "permit");
    assert.equal(permitted.rule.id, "default.administrator");
    const none = await ask("user=zhao.min&permission=key.approve");
    assert.deepEqual([none.effect, none.rule], ["deny", null]);
    assert.equal((await ask("user=nobody&permission=ledger.read")).code, "NOT_FOUND");
    const bad = await ask("user=li.na&permission=ledger.read&resource=x");
    assert.equal(bad.code, "REQUEST_INVALID");
  });

  test("everybody asks about themselves, and about others only who may", async () => {
    const operator = await signedInAs(rig, { name: "wang.li", roles: ["operator"] });
    assert.equal((await ask("user=wang.li&permission=ledger.read", operator)).effect, "permit");
    assert.equal((await ask("user=li.na&permission=ledger.read", operator)).code, "FORBIDDEN");
  });
});

describe("the log of what people did", () => {
  let rig: Rig;
  let admin: Headers;
  before(async () => {
    ({ rig, admin } = await startAdministered());
  });
  after(() => rig.stop());
  const audit = async (query = "") =>
    (await call(rig, `/api/v1/audit${query}`, { headers: admin })).json;
  const check = async () => (await call(rig, "/api/v1/audit/check", { headers: admin })).json;

  test("has who, what, on whom, with which result, before and after, and no secret", async () => {
    await call(rig, "/api/v1/users", { headers: admin, body: { name: "li.na", roles: [] } });
    await call(rig, "/api/v1/users/li.na", { headers: admin, body: { roles: ["auditor"] } });
    const { items } = await audit("?target=li.na");
    assert.deepEqual(
      items.map(({ actor, action, result }: Record<string, string>) => [actor, action, result]),
      [
        ["zhao.min", "user.change", "done"],
        ["zhao.min", "user.add", "done"],
      ],
    );
    assert.deepEqual(JSON.parse(items[0].before).roles, []);
    assert.deepEqual(JSON.parse(items[0].after).roles, ["auditor"]);
    assert.doesNotMatch(JSON.stringify(items), /argon2/);
  });

  test("has refused tries and failed sign-ins, and never what was typed as an unknown name", async () => {
    const operator = await signedInAs(rig, { name: "wang.li", roles: ["operator"] });
    const body = { name: "x.y", roles: [] };
    await call(rig, "/api/v1/users", { headers: operator, body });
    await call(rig, "/api/v1/session", { body: { user: "my secret password", password: "x" } });
    const { items } = await audit("?limit=2");
    assert.equal(items[0].actor, "(unknown)");
    assert.equal(items[1].actor, "wang.li");
    assert.equal(items[1].result, "refused");
    assert.doesNotMatch(JSON.stringify(await audit("?limit=500")), /my secret/);
  });

  test("is found by category, time, actor, target and text, page by page", async () => {
    const all = (await audit("?limit=500")).items;
    const paged = [];
    let cursor = "";
    do {
      const page = await audit(`?limit=1${cursor}`);
      paged.push(...page.items);
      cursor = page.next === null ? "" : `&cursor=${page.next}`;
    } while (cursor !== "");
    assert.deepEqual(paged, all);
    assert.equal((await audit("?category=node")).items.length, 0);
    assert.equal((await audit("?actor=wang.li")).items.length, 1);
    assert.equal((await audit("?text=auditor")).items.length, 1);
    assert.equal((await audit("?text=%25")).items.length, 0, "a percent sign is no wildcard");
    const later = rig.clock.now() + 1;
    assert.equal((await audit(`?from=${later}`)).items.length, 0);
    assert.equal((await audit(`?to=${later}`)).items.length, Math.min(all.length, 50));
  });

  test("a changed, missing or added event is noticed, and where", async () => {
    const whole = await check();
    assert.equal(whole.brokenAt, null);
    assert.match(whole.head, /^[0-9a-f]{64}$/);
    const db = (work: (table: ReturnType<typeof rig.store.read>) => Promise<unknown>) =>
      rig.store.transaction((one) => work(one("audit_events")));
    const [second] = await rig.store.read("audit_events").where({ sequence: 2 });
    await db((table) => table.where({ sequence: 2 }).update({ actor: "somebody.else" }));
    assert.equal((await check()).brokenAt, 2);
    await db((table) => table.where({ sequence: 2 }).update({ actor: second.actor }));
    assert.equal((await check()).brokenAt, null);
    await db((table) => table.where({ sequence: 2 }).delete());
    assert.equal((await check()).brokenAt, 2);
  });
});
