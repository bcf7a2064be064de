import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { seriousViolations } from "./chromium.ts";
import { type PageOptions, shows, sidewaysPixels, useConsole } from "./console-rig.ts";
import { sessionOf } from "./fake-identity.ts";

const pages = [
  { path: "/users", en: "Users", zh: "用户" },
  { path: "/access", en: "Access", zh: "权限" },
  { path: "/audit", en: "Log", zh: "日志" },
  { path: "/account", en: "My account", zh: "我的账户" },
  { path: "/recovery", en: "Key recovery", zh: "密钥恢复" },
] as const;

const rig = useConsole();
beforeEach(() => {
  rig.hub.session = sessionOf(["operator", "administrator"]);
});

const open = (path: string, options?: PageOptions): Promise<Page> => rig.open(path, options);
const navigation = (page: Page) => page.locator(".main-nav a").allInnerTexts();

for (const language of ["en", "zh"] as const) {
  test(`pages about users and rights in ${language}: narrow, clean for axe, without an error`, async () => {
    const locale = language === "en" ? "en-GB" : "zh-CN";
    const page = await open("/", { locale, viewport: { width: 360, height: 740 } });
    for (const { path, ...title } of pages) {
      await page.goto(rig.origin + path);
      await page.locator("tbody tr").first().waitFor();
      assert.equal(await page.locator("h1").innerText(), title[language]);
      const text = await page.locator("body").innerText();
      assert.doesNotMatch(text, /undefined|NaN|\[object|\0/, path);
      assert.equal(await page.evaluate(sidewaysPixels), 0, `${path} scrolls sideways`);
      assert.deepEqual(await seriousViolations(page), [], path);
    }
    assert.deepEqual(rig.errors, []);
  });
}

for (const [locale, action] of [
  ["en-GB", "Add a user"],
  ["zh-CN", "添加用户"],
] as const) {
  test(`the log says what was done in words: ${action}`, async () => {
    const page = await open("/audit", { locale });
    await page.getByRole("cell", { name: action, exact: true }).waitFor();
    assert.doesNotMatch(await page.locator("table").innerText(), /user\.add/);
  });
}

test("a long user name does not break the masthead of a narrow screen", async () => {
  rig.hub.session = { ...sessionOf(["operator", "administrator"]), user: "n".repeat(32) };
  const page = await open("/blocks", { viewport: { width: 390, height: 800 } });
  const boxOf = async (part: string) =>
    (await page.locator(part).boundingBox()) ?? { y: 0, height: 0 };
  const brand = await boxOf(".brand");
  const account = await boxOf("details.account");
  assert.ok(account.y < brand.y + brand.height, "they stand in one row");
});

test("the navigation of an administrator fits at every width", async () => {
  const page = await open("/users", { viewport: { width: 1_280, height: 800 } });
  for (const width of [1_280, 1_100, 1_000, 930, 900, 600]) {
    await page.setViewportSize({ width, height: 800 });
    assert.equal(await page.evaluate(sidewaysPixels), 0, `${width} px`);
  }
});

describe("the navigation shows what a role may see", () => {
  const ledger = ["Overview", "Blocks", "Meters", "Market", "Nodes", "Identities"];
  const expected = {
    administrator: [...ledger, "Users", "Access", "Log"],
    supervisor: [...ledger, "Objects", "Data", "Certificates", "Users", "Access", "Log"],
    operator: [...ledger, "Objects", "Data", "Certificates", "Recovery", "Users"],
    application: [...ledger, "Objects"],
    custodian: ["Overview", "Certificates", "Recovery"],
  } as const;
  for (const [role, links] of Object.entries(expected)) {
    test(role, async () => {
      rig.hub.session = sessionOf([role as keyof typeof expected]);
      const page = await open("/account");
      await page.getByRole("heading", { name: "My account" }).waitFor();
      assert.deepEqual(await navigation(page), links);
    });
  }
});

test("a supervisor's console offers no change", async () => {
  rig.hub.session = sessionOf(["supervisor"]);
  const page = await open("/users");
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.getByRole("button", { name: /Edit|Add/ }).count(), 0);
  await page.goto(`${rig.origin}/access`);
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.getByRole("button", { name: /Add rule|Remove/ }).count(), 0);
  await page.goto(`${rig.origin}/identities`);
  await shows(page, "Only an operator can enrol identities.");
});

test("an administrator adds a user by keyboard and sees the password once", async () => {
  const page = await open("/users");
  await page.getByLabel("User name").fill("operat0r");
  await page.keyboard.press("Enter");
  await shows(page, /can be mistaken for that of another user/);
  await page.getByLabel("User name").fill("zhang.wei");
  await page.getByLabel("Auditor").focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Add a user" }).focus();
  await page.keyboard.press("Enter");
  await shows(page, "Xk7mPq2RtY9wZc4VbN6a");
  await page.reload();
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.getByText("Xk7mPq2RtY9wZc4VbN6a").count(), 0);
});

test("an administrator edits others and not themselves", async () => {
  const page = await open("/users");
  await page.locator("tbody tr").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Edit wang.li" }).count(), 0);
  await page.getByRole("button", { name: "Edit li.na" }).click();
  await page.getByRole("button", { name: "Disable" }).waitFor();
  await page.getByRole("button", { name: "New one-time password" }).click();
  await shows(page, "Nm3kPq2RtY9wZc4VbN6a");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await shows(page, "li.na is saved.");
});

test("may X do Y is answered with the rule; a refused rule says why", async () => {
  const page = await open("/access");
  await page.getByLabel("User", { exact: true }).fill("li.na");
  await page.getByLabel("Permission").first().selectOption("user.manage");
  await page.getByRole("button", { name: "Ask" }).click();
  await shows(page, "li.na may not: Manage users");
  await shows(page, "Decided by guard.only-reads");
  await page.getByLabel("Why").fill("for a test");
  await page.getByRole("button", { name: "Add rule" }).click();
  await shows(page, /Nobody raises their own rights; ask/);
});

test("a custodian sees what waits for them, and the command instead of a share", async () => {
  rig.hub.session = sessionOf(["custodian"]);
  const page = await open("/recovery");
  await shows(page, "operator asks for “archive 2026”. To release your share:");
  await shows(page, /^gridledger recovery release (5d){16} --key me\.key --encryption-key /);
  await shows(page, "custodian-1 (North): released");
  await shows(page, "disk lost (contract §7)");
});

test("a token is made, shown once and revoked; a session is ended", async () => {
  const page = await open("/account");
  await page.getByLabel("What it is for").fill("settlement");
  await page.getByLabel("Read the ledger").check();
  await page.getByRole("button", { name: "Make token" }).click();
  await shows(page, `glt_${"A".repeat(43)}`);
  await page.getByRole("button", { name: "Revoke the token settlement" }).click();
  await page.getByRole("button", { name: "End the session from 10.0.0.7" }).click();
  assert.equal(await page.getByRole("alert").count(), 0);
});

test("what the hub refuses is shown in words", async () => {
  rig.hub.session = sessionOf([]);
  rig.hub.isClosed = true;
  rig.hub.session = {
    ...rig.hub.session,
    signedIn: false,
    user: null,
    permissions: [],
    csrfToken: null,
  };
  const page = await open("/users");
  await shows(page, "Sign in first.");
});
