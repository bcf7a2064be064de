import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide, type Rule, type Subject } from "@gridledger/protocol/access/rules";
import { policyOf } from "@gridledger/protocol/access/shipped-rules";
import { permissionNames, permissions } from "@gridledger/protocol/api/access";
import fc from "fast-check";

const why = { en: "for the test", zh: "测试" };
const someone: Subject = {
  name: "li.na",
  roles: ["member", "operator"],
  attributes: { region: "yangzhou", identity: "aa" },
};

function rule(given: Partial<Rule>): Rule {
  const base = { id: "r", effect: "permit", roles: ["operator"], permissions: ["ledger.read"] };
  return { ...base, where: [], why, ...given } as Rule;
}

describe("the policy", () => {
  test("denies what no rule speaks of", () => {
    const question = { subject: someone, permission: "audit.read", resource: {} } as const;
    assert.deepEqual(decide([], question), { effect: "deny", rule: null });
  });

  test("the first rule that fits decides", () => {
    const deny = rule({ id: "d", effect: "deny" });
    const permit = rule({ id: "p" });
    const question = { subject: someone, permission: "ledger.read", resource: {} } as const;
    assert.equal(decide([permit, deny], question).rule, permit);
    assert.equal(decide([deny, permit], question).rule, deny);
  });

  test("all conditions of a rule have to hold; a missing attribute holds none", () => {
    const where = [
      { attribute: "user.region", oneOf: ["nanjing", "yangzhou"] },
      { attribute: "resource.owner", sameAs: "user.identity" },
    ] as const;
    const rules = [rule({ permissions: ["submission.read"], where })];
    const ask = (subject: Subject, resource: Record<string, string>) =>
      decide(rules, { subject, permission: "submission.read", resource }).effect;
    assert.equal(ask(someone, { owner: "aa" }), "permit");
    assert.equal(ask(someone, { owner: "bb" }), "deny");
    assert.equal(ask(someone, {}), "deny");
    assert.equal(ask({ ...someone, attributes: { identity: "aa" } }, { owner: "aa" }), "deny");
    const nobody = { ...someone, attributes: { region: "nanjing" } };
    assert.equal(ask(nobody, {}), "deny", "two that are missing are not the same");
  });

  test("an attribute is never one of Object.prototype", () => {
    const where = [{ attribute: "user.constructor", sameAs: "resource.constructor" }] as const;
    const question = { subject: someone, permission: "ledger.read", resource: {} } as const;
    assert.equal(decide([rule({ where })], question).effect, "deny");
  });

  test("asked for any resource, a permit with conditions counts and a deny with conditions does not", () => {
    const where = [{ attribute: "resource.user", sameAs: "user.name" }] as const;
    const permissions = ["user.manage"] as const;
    const question = { subject: someone, permission: "user.manage" } as const;
    assert.equal(decide([rule({ permissions, where })], question).effect, "permit");
    const deny = rule({ effect: "deny", permissions, where });
    assert.equal(decide([deny, rule({ permissions })], question).effect, "permit");
  });
});

describe("the shipped policy", () => {
  const administrator: Subject = { ...someone, roles: ["member", "administrator", "operator"] };

  test("lets nobody change their own account, whatever rules are added", () => {
    const all = rule({ roles: ["member"], permissions: permissionNames });
    const ask = (user: string) =>
      decide(policyOf([all]), {
        subject: administrator,
        permission: "user.manage",
        resource: { user },
      });
    assert.equal(ask("li.na").rule?.id, "guard.own-rights");
    assert.equal(ask("wang.li").effect, "permit");
  });

  test("a supervisor changes nothing, whatever other roles and rules there are", () => {
    const all = rule({ roles: ["member"], permissions: permissionNames });
    const subject: Subject = { ...administrator, roles: [...administrator.roles, "supervisor"] };
    for (const permission of permissionNames) {
      const { effect, rule: decided } = decide(policyOf([all]), { subject, permission });
      const isRead = permission.endsWith(".read") || permission.startsWith("account.");
      assert.equal(effect, isRead ? "permit" : "deny", permission);
      if (!isRead) assert.equal(decided?.id, "guard.only-reads");
    }
  });

  test("gives each permission to some role, and a stranger elsewhere nothing", () => {
    for (const permission of permissionNames) {
      const holders = policyOf([]).filter(
        ({ effect, permissions }) => effect === "permit" && permissions.includes(permission),
      );
      assert.ok(holders.length > 0, permission);
      const stranger: Subject = { name: "", roles: [], attributes: {} };
      assert.equal(decide(policyOf([]), { subject: stranger, permission }).effect, "deny");
    }
  });

  test("sets conditions on attributes that the routes tell, and on no others", () => {
    for (const { where, permissions: of } of policyOf([])) {
      for (const path of where.flatMap(({ attribute, sameAs }) => [attribute, sameAs])) {
        if (!path?.startsWith("resource.")) continue;
        const name = path.slice("resource.".length);
        for (const permission of of) {
          assert.ok((permissions[permission] as readonly string[]).includes(name), permission);
        }
      }
    }
  });

  test("a rule that is added after a deny of the same never permits", () => {
    fc.assert(
      fc.property(fc.constantFrom(...permissionNames), fc.boolean(), (permission, isOwn) => {
        const deny = rule({ effect: "deny", permissions: [permission] });
        const permit = rule({ permissions: [permission] });
        const resource = { user: isOwn ? "li.na" : "x", owner: "aa", role: "device" };
        const asked = { subject: someone, permission, resource };
        assert.equal(decide(policyOf([deny, permit]), asked).effect, "deny");
      }),
    );
  });
});
