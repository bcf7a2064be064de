import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  type Permission,
  permissionNames,
  permissions,
  type RestRole,
  restRoles,
} from "@gridledger/protocol/api/access";
import { type RouteName, type RoutePath, routePaths } from "@gridledger/protocol/api/paths";
import { ChainBuilder } from "../support/chain-builder.ts";
import { call } from "./call.ts";
import { signedInAs } from "./people.ts";
import { type Rig, startRig } from "./rig.ts";
import { example } from "./route-examples.ts";

const everybody = restRoles;
const oversight = ["supervisor", "auditor"] as const;

/** Written down a second time, on purpose: who may do what the example of a route does. */
const allowed: Readonly<Record<Permission, readonly RestRole[]>> = {
  "ledger.read": ["operator", "administrator", ...oversight, "application"],
  "submission.read": ["operator", ...oversight, "application", "device"],
  "object.read": ["operator", ...oversight, "application", "device"],
  "identity.enrol": ["operator"],
  "certificate.read": ["operator", ...oversight, "custodian"],
  "certificate.request": ["operator", "application", "device"],
  "certificate.approve": ["operator"],
  "certificate.revoke": ["operator"],
  "key.keep": everybody.filter((role) => role !== "supervisor" && role !== "auditor"),
  "key.read": ["operator", ...oversight, "custodian"],
  "key.recover": ["operator"],
  "key.approve": ["custodian"],
  "mapping.read": ["operator", ...oversight],
  "rows.read": ["operator", ...oversight],
  "mapping.manage": ["operator"],
  "user.read": ["operator", "administrator", ...oversight],
  "user.manage": ["administrator"],
  "access.read": ["administrator", ...oversight],
  "decision.read": ["administrator", ...oversight],
  "access.manage": ["administrator"],
  "audit.read": ["administrator", ...oversight],
  "webhook.manage": ["operator", "application"],
  "account.password": everybody,
  "account.manage": everybody,
};

const names = Object.keys(routePaths) as RouteName[];
const permissionOf = (name: RouteName) => (routePaths[name] as RoutePath).permission;

test("no route is without a permission, and none asks for one that does not exist", () => {
  for (const name of names) {
    const permission: string = permissionOf(name);
    assert.ok(permission === "public" || Object.hasOwn(permissions, permission), name);
  }
});

test("a route tells exactly the attributes that its permission promises to rules", () => {
  for (const name of names) {
    const permission = permissionOf(name);
    if (permission === "public") continue;
    const told = Object.keys((routePaths[name] as RoutePath).resource ?? {});
    const promised: readonly string[] = permissions[permission];
    assert.ok(
      told.every((one) => promised.includes(one)),
      name,
    );
  }
});

describe("every route for every role", () => {
  let rig: Rig;
  const headers: Partial<Record<RestRole, Record<string, string>>> = {};

  before(async () => {
    rig = await startRig(new ChainBuilder(), { anonymousReads: false });
    for (const role of restRoles) {
      headers[role] = await signedInAs(rig, { name: `a-${role}`, roles: [role] });
    }
  });
  after(() => rig.stop());

  for (const role of restRoles) {
    test(`${role}: may call what the policy permits and nothing else`, async () => {
      for (const name of names) {
        const permission = permissionOf(name);
        if (permission === "public") continue;
        const session = await signedInAs(rig, { name: `a-${role}`, roles: [role] });
        const { method, path, body } = example(name);
        const { status, json } = await call(rig, path, { method, body, headers: session });
        const isAllowed = allowed[permission].includes(role);
        assert.equal(json?.code === "FORBIDDEN", !isAllowed, `${name}: ${JSON.stringify(json)}`);
        if (!isAllowed) assert.equal(status, 403);
      }
    });

    test(`${role}: the session tells the permissions that the routes hold to`, async () => {
      const { json } = await call(rig, "/api/v1/session", { headers: headers[role]! });
      const held = new Set<Permission>(json.permissions);
      for (const permission of permissionNames) {
        const expected = allowed[permission].includes(role);
        // Some resource at least: administrators enrol other roles, everybody asks about themselves.
        if (expected) assert.ok(held.has(permission), permission);
      }
      assert.deepEqual(json.roles, [role]);
    });
  }

  for (const name of names.filter((one) => routePaths[one].method !== "get")) {
    if (permissionOf(name) === "public") continue;
    test(`${name}: changes nothing without the session's CSRF token`, async () => {
      const roles = [...new Set(names.flatMap(permissionHolders))];
      const all = { name: "a-lot", roles };
      const { cookie } = await signedInAs(rig, all);
      const { method, path, body } = example(name);
      for (const bad of [{}, { "x-csrf-token": "x" }, { "x-csrf-token": "A".repeat(43) }]) {
        const sent = { method, body, headers: { cookie: cookie!, ...bad } };
        const { status, json } = await call(rig, path, sent);
        assert.equal(json.code, "CSRF_INVALID", JSON.stringify(json));
        assert.equal(status, 403);
      }
    });
  }
});

/** Roles that may change something, without those that only read. */
function permissionHolders(name: RouteName): readonly RestRole[] {
  const permission = permissionOf(name);
  if (permission === "public") return [];
  return allowed[permission].filter((role) => role !== "supervisor" && role !== "auditor");
}
