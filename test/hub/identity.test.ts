import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { encodeSignInProof } from "@gridledger/protocol/access/sign-in-proof";
import { ChainBuilder } from "../support/chain-builder.ts";
import { call } from "./call.ts";
import { signedInAs, startAdministered } from "./people.ts";
import { type Rig, startRig } from "./rig.ts";

type Headers = Record<string, string>;
const bearer = (secret: string): Headers => ({ authorization: `Bearer ${secret}` });

describe("users", () => {
  let rig: Rig;
  let admin: Headers;
  before(async () => {
    ({ rig, admin } = await startAdministered());
  });
  after(() => rig.stop());

  const addUser = (body: object, headers = admin) => call(rig, "/api/v1/users", { headers, body });
  const change = (name: string, body: object, headers = admin) =>
    call(rig, `/api/v1/users/${name}`, { headers, body });

  test("the first account of a hub holds operator and administrator", async () => {
    const { json } = await call(rig, "/api/v1/users", { headers: admin });
    const first = json.items.find(({ name }: { name: string }) => name === "operator");
    assert.deepEqual(first.roles, ["operator", "administrator"]);
    assert.equal(first.mustChangePassword, true);
    assert.doesNotMatch(JSON.stringify(json), /argon2|hash/);
  });

  test("a new person signs in with the one-time password and has to choose one", async () => {
    const added = await addUser({ name: "li.na", roles: ["auditor"] });
    assert.equal(added.status, 200);
    const password = added.json.oneTimePassword;
    const signedIn = await call(rig, "/api/v1/session", { body: { user: "li.na", password } });
    assert.equal(signedIn.json.mustChangePassword, true);
    assert.ok(!signedIn.json.permissions.includes("audit.read"));
    // Full-width letters of an input method.
    const wide = "ｌｉ.ｎａ";
    assert.equal(
      (await call(rig, "/api/v1/session", { body: { user: wide, password } })).status,
      200,
    );
    const { json } = await call(rig, "/api/v1/users", { headers: admin });
    const row = json.items.find(({ name }: { name: string }) => name === "li.na");
    assert.equal(row.lastSignInMs, rig.clock.now());
  });

  test("names of other alphabets and names that look like another are refused", async () => {
    for (const name of [
      "оperator",
      "Operator",
      "1abc",
      "a",
      "ab c",
      "a".repeat(33),
      "key:aa",
      "a\u0000b",
    ]) {
      const { status, json } = await addUser({ name, roles: [] });
      assert.equal(status, 400, name);
      assert.match(json.code, /USER_NAME|REQUEST_INVALID/);
    }
    for (const name of ["0perator".replace("0", "o."), "operat0r", "zha0.min", "zhao-rnin"]) {
      const { json } = await addUser({ name, roles: [] });
      assert.equal(json.code, "USER_LOOKALIKE", name);
    }
    assert.equal((await addUser({ name: "operator", roles: [] })).json.code, "USER_EXISTS");
  });

  test("nobody changes their own account", async () => {
    for (const body of [
      { roles: ["operator", "administrator"] },
      { attributes: { region: "x" } },
    ]) {
      const { status, json } = await change("zhao.min", body);
      assert.equal(status, 403);
      assert.match(json.detail, /guard\.own-rights/);
    }
  });

  test("a disabled user's sessions, tokens and streams end at once", async () => {
    const program = await addUser({ name: "settlement", kind: "program", roles: ["application"] });
    assert.equal(program.json.oneTimePassword, null);
    const made = await call(rig, "/api/v1/tokens", {
      headers: admin,
      body: { user: "settlement", name: "prod", permissions: ["ledger.read"] },
    });
    const token = bearer(made.json.secret);
    assert.equal((await call(rig, "/api/v1/blocks", { headers: token })).status, 200);
    const person = await signedInAs(rig, { name: "wang.li", roles: ["operator"] });
    const stream = await rig.app.request("http://localhost/api/v1/stream", { headers: person });
    assert.equal(rig.streams.size, 1);
    assert.equal((await change("wang.li", { enabled: false })).json.user.enabled, false);
    await change("settlement", { enabled: false });
    for (const headers of [person, token]) {
      assert.equal((await call(rig, "/api/v1/blocks", { headers })).status, 401);
    }
    const reader = stream.body!.getReader();
    while (!(await reader.read()).done);
    assert.equal(rig.streams.size, 0);
    await change("settlement", { enabled: true });
    const again = await call(rig, "/api/v1/blocks", { headers: token });
    assert.equal(again.json.code, "TOKEN_INVALID", "enabling brings no token back");
  });

  test("a change of roles ends the sessions, so that no page goes on with the old rights", async () => {
    const headers = await signedInAs(rig, { name: "sun.qi", roles: ["operator"] });
    await change("sun.qi", { roles: ["auditor"] });
    assert.equal((await call(rig, "/api/v1/blocks", { headers })).status, 401);
  });

  test("at least one administrator remains", async () => {
    const other = await signedInAs(rig, { name: "he.yu", roles: ["administrator"] });
    await change("operator", { enabled: false }, other);
    assert.equal((await change("zhao.min", { enabled: false }, other)).status, 200);
    // The last one cannot go: nobody but himself is left, and nobody changes himself.
    assert.equal((await change("he.yu", { roles: [] }, other)).json.code, "FORBIDDEN");
    await rig.store.transaction(async (db) => {
      const account = await rig.accounts.get("he.yu", db);
      await rig.accounts.save(db, { ...account, name: "temp.x", roles: ["administrator"] });
    });
    const temp = await rig.users.change("hub", "temp.x", { enabled: false });
    assert.equal(temp.isEnabled, false);
    await assert.rejects(rig.users.change("hub", "he.yu", { roles: [] }), {
      code: "LAST_ADMINISTRATOR",
    });
  });

  test("a program holds no roles of people and signs in with no password", async () => {
    const headers = await signedInAs(rig, { name: "fang.wei", roles: ["administrator"] });
    const wrong = { name: "robot", kind: "program", roles: ["operator"] };
    assert.equal((await addUser(wrong, headers)).json.code, "USER_ROLES");
    await addUser({ ...wrong, roles: ["device"] }, headers);
    const reset = await call(rig, "/api/v1/users/robot/password", { method: "POST", headers });
    assert.equal(reset.json.code, "REQUEST_INVALID");
    const body = { user: "robot", password: "" };
    assert.equal((await call(rig, "/api/v1/session", { body })).json.code, "LOGIN_FAILED");
  });
});

describe("sessions", () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig(new ChainBuilder(), { anonymousReads: false });
  });
  after(() => rig.stop());

  test("are listed to their owner, who ends them one by one", async () => {
    const here = await signedInAs(rig, { name: "li.na", roles: ["operator"] });
    const elsewhere = await signedInAs(rig, { name: "li.na", roles: ["operator"] });
    const stranger = await signedInAs(rig, { name: "wang.li", roles: ["operator"] });
    const { json } = await call(rig, "/api/v1/sessions", { headers: here });
    assert.equal(json.items.length, 2);
    const other = json.items.find(({ own }: { own: boolean }) => !own);
    const end = (headers: Headers) =>
      call(rig, `/api/v1/sessions/${other.id}`, { method: "DELETE", headers });
    assert.equal((await end(stranger)).status, 404);
    assert.equal((await end(here)).json.items.length, 1);
    assert.equal((await call(rig, "/api/v1/blocks", { headers: elsewhere })).status, 401);
    assert.equal((await call(rig, "/api/v1/blocks", { headers: here })).status, 200);
  });

  test("end after an hour without a request, and not while there are some", async () => {
    const idle = await signedInAs(rig, { name: "idle.one", roles: ["operator"] });
    const busy = await signedInAs(rig, { name: "busy.one", roles: ["operator"] });
    for (let minutes = 0; minutes < 60; minutes += 20) {
      rig.clock.sleep(20 * 60_000);
      assert.equal((await call(rig, "/api/v1/blocks", { headers: busy })).status, 200);
    }
    assert.equal((await call(rig, "/api/v1/blocks", { headers: idle })).status, 401);
  });

  test("signing in gives a fresh token and ends the session the browser came with", async () => {
    const planted = await signedInAs(rig, { name: "mallory", roles: ["application"] });
    const { headers } = await call(rig, "/api/v1/session", {
      headers: { cookie: planted.cookie! },
      body: { user: "operator", password: rig.password },
    });
    const cookie = headers.get("set-cookie")!.split(";")[0]!;
    assert.notEqual(cookie, planted.cookie);
    assert.equal((await call(rig, "/api/v1/blocks", { headers: planted })).status, 401);
    const fixed = { cookie: `gl_session=${"A".repeat(43)}` };
    const { json } = await call(rig, "/api/v1/session", { headers: fixed });
    assert.equal(json.signedIn, false, "a token that the hub did not make opens nothing");
  });
});

describe("tokens", () => {
  let rig: Rig;
  let operator: Headers;
  before(async () => {
    rig = await startRig(new ChainBuilder(), { anonymousReads: false });
    operator = await signedInAs(rig, { name: "li.na", roles: ["operator"] });
  });
  after(() => rig.stop());

  const addToken = (body: object) => call(rig, "/api/v1/tokens", { headers: operator, body });
  const use = (secret: string, path = "/api/v1/blocks") =>
    call(rig, path, { headers: bearer(secret) });

  test("do what they are scoped to and no more, are kept by hash, and are shown once", async () => {
    const { json } = await addToken({ name: "reader", permissions: ["ledger.read"] });
    assert.match(json.secret, /^glt_[\w-]{43}$/);
    assert.equal((await use(json.secret)).status, 200);
    const users = await use(json.secret, "/api/v1/users");
    assert.equal(users.json.code, "FORBIDDEN");
    assert.match(users.json.detail, /no such scope/);
    assert.equal((await use(json.secret, "/api/v1/tokens")).json.code, "FORBIDDEN");
    const rows = JSON.stringify(await rig.store.read("api_tokens"));
    assert.ok(!rows.includes(json.secret.slice(4)));
    const { json: listed } = await call(rig, "/api/v1/tokens", { headers: operator });
    assert.ok(!JSON.stringify(listed).includes(json.secret));
    assert.equal(listed.items[0].usedMs, rig.clock.now());
  });

  test("change things without a CSRF token: no browser sends them by itself", async () => {
    const { json } = await addToken({ name: "enroller", permissions: ["identity.enrol"] });
    const body = { name: "x", role: "administrator", publicKey: "A".repeat(44) };
    const answer = await call(rig, "/api/v1/identities", { headers: bearer(json.secret), body });
    assert.equal(answer.json.code, "FORBIDDEN", "an operator makes no administrators");
    const device = { ...body, role: "device" };
    const enrolled = await call(rig, "/api/v1/identities", {
      headers: bearer(json.secret),
      body: device,
    });
    assert.equal(enrolled.json.code, "KEY_INVALID");
  });

  test("cannot be made for more than their user may, nor to manage the account", async () => {
    for (const permission of ["user.manage", "account.manage", "account.password"]) {
      const { json } = await addToken({ name: "more", permissions: [permission] });
      assert.equal(json.code, "TOKEN_SCOPE", permission);
    }
    const body = { user: "operator", name: "other", permissions: ["ledger.read"] };
    assert.equal((await addToken(body)).json.code, "FORBIDDEN");
    const admin = await signedInAs(rig, { name: "zhao.min", roles: ["administrator"] });
    const { json } = await call(rig, "/api/v1/tokens", { headers: admin, body });
    assert.match(json.detail, /people make their tokens themselves/);
  });

  test("two of a name live at a time, for rotation", async () => {
    const body = { name: "rotated", permissions: ["ledger.read"] };
    const [first, second] = [await addToken(body), await addToken(body)];
    assert.equal((await addToken(body)).json.code, "TOKEN_LIMIT");
    const path = `/api/v1/tokens/${first.json.token.id}`;
    const stranger = await signedInAs(rig, { name: "wang.li", roles: ["operator"] });
    const foreign = await call(rig, path, { method: "DELETE", headers: stranger });
    assert.equal(foreign.status, 403);
    await call(rig, path, { method: "DELETE", headers: operator });
    assert.equal((await use(first.json.secret)).json.code, "TOKEN_INVALID");
    assert.equal((await use(second.json.secret)).status, 200);
    assert.equal((await addToken(body)).status, 200);
  });

  test("expire", async () => {
    const { json } = await addToken({ name: "short", permissions: ["ledger.read"], days: 1 });
    rig.clock.sleep(86_400_000);
    const { status, json: refused } = await use(json.secret);
    assert.equal(status, 401);
    assert.equal(refused.code, "TOKEN_INVALID");
  });

  test("in an address they are refused, whatever they are", async () => {
    for (const query of ["?token=x", "?access_token=x", "?limit=glt_abc", "?API_KEY=1"]) {
      const { status, json } = await call(rig, `/api/v1/blocks${query}`);
      assert.equal(status, 400);
      assert.equal(json.code, "TOKEN_IN_ADDRESS");
    }
  });

  test("malformed, doubled and mixed credentials are refused", async () => {
    const { cookie } = await signedInAs(rig, { name: "li.na", roles: ["operator"] });
    const good = `Bearer glt_${"A".repeat(43)}`;
    for (const authorization of ["Bearer", "Bearer ", "Bearer x", `${good}, ${good}`, `${good} `]) {
      const { json } = await call(rig, "/api/v1/blocks", { headers: { authorization } });
      assert.equal(json.code, "TOKEN_INVALID", authorization);
    }
    const both = { cookie: cookie!, authorization: good };
    assert.equal(
      (await call(rig, "/api/v1/blocks", { headers: both })).json.code,
      "REQUEST_INVALID",
    );
    for (const bad of [
      `gl_session=${"\u00e9".repeat(9)}`,
      "gl_session=",
      `${"x=1; ".repeat(2_000)}`,
    ]) {
      assert.equal((await call(rig, "/api/v1/blocks", { headers: { cookie: bad } })).status, 401);
    }
  });
});

describe("signing in with an identity's key", () => {
  const builder = new ChainBuilder();
  const { suite, chainId } = builder.chain;
  const [device] = builder.devices;
  let rig: Rig;
  before(async () => {
    rig = await startRig(builder, { anonymousReads: false });
  });
  after(() => rig.stop());

  const challenge = async () =>
    (await call(rig, "/api/v1/session/challenge", { method: "POST" })).json;
  const send = (proof: Uint8Array) =>
    call(rig, "/api/v1/session/key", { body: { proof: Buffer.from(proof).toString("base64url") } });
  async function proofOf(signer = device!.signer, asked?: { challenge: string; hub: string }) {
    const { challenge: given, hub } = asked ?? (await challenge());
    return encodeSignInProof(suite, signer, chainId, {
      challenge: Buffer.from(given, "base64url"),
      hub: Buffer.from(hub, "hex"),
    });
  }

  test("a signed challenge opens a short session with the role on the ledger", async () => {
    const { status, json } = await send(await proofOf());
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal(json.user, `key:${device!.id}`);
    const { json: who } = await call(rig, "/api/v1/session", { headers: bearer(json.token) });
    assert.deepEqual(who.roles, ["device"]);
    assert.equal(who.csrfToken, null);
    rig.clock.sleep(15 * 60_000);
    const later = await call(rig, "/api/v1/session", { headers: bearer(json.token) });
    assert.equal(later.json.code, "TOKEN_INVALID");
  });

  test("the bearer token is no cookie, and a cookie's token no bearer", async () => {
    const { json } = await send(await proofOf());
    const cookie = `gl_session=${json.token.slice(4)}`;
    assert.equal(
      (await call(rig, "/api/v1/session", { headers: { cookie } })).json.signedIn,
      false,
    );
    const person = await signedInAs(rig, { name: "li.na", roles: ["operator"] });
    const turned = bearer(`gls_${person.cookie!.split("=")[1]}`);
    assert.equal((await call(rig, "/api/v1/session", { headers: turned })).status, 401);
  });

  test("a challenge is good once, for two minutes, and for this hub only", async () => {
    const once = await proofOf();
    assert.equal((await send(once)).status, 200);
    assert.equal((await send(once)).json.code, "SIGN_IN_PROOF");
    const late = await proofOf();
    rig.clock.advance(120_000);
    assert.equal((await send(late)).json.code, "SIGN_IN_PROOF");
    const asked = await challenge();
    const foreign = await proofOf(device!.signer, { ...asked, hub: device!.id });
    assert.equal((await send(foreign)).json.code, "SIGN_IN_PROOF");
    const made = { ...asked, challenge: Buffer.alloc(32, 7).toString("base64url") };
    assert.equal((await send(await proofOf(device!.signer, made))).json.code, "SIGN_IN_PROOF");
  });

  test("an unknown key, a changed signature and a validator's key open nothing", async () => {
    const unknown = await send(await proofOf(builder.newKey("nobody").signer));
    assert.equal(unknown.json.code, "SIGN_IN_PROOF");
    const proof = await proofOf();
    for (let at = 0; at < proof.length; at += 7) {
      const changed = Uint8Array.from(proof);
      changed[at]! ^= 1;
      rig.clock.advance(1_000);
      const { json } = await send(changed);
      assert.match(json.code, /^(?:CBOR_|SIGN_IN_PROOF|SIGNATURE_INVALID)/, `byte ${at}`);
    }
    const validator = await send(await proofOf(builder.validators[0]!.signer));
    assert.equal(validator.json.code, "FORBIDDEN");
  });
});
