import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { seriousViolations } from "./chromium.ts";
import { type PageOptions, shows, sidewaysPixels, useConsole } from "./console-rig.ts";
import { fakeHash } from "./fake-chain.ts";
import type { Session } from "./fake-identity.ts";

const transactionPath = `/transactions/${fakeHash("transaction 1")}`;
const objectPath = `/objects/${fakeHash("object tariff.csv")}`;
const pages = [
  { path: "/", en: "Overview", zh: "总览", ready: ".block-list li" },
  { path: "/blocks", en: "Blocks", zh: "区块", ready: "tbody tr" },
  { path: "/blocks/128400", en: "Block 128,400", zh: "区块 128,400", ready: "tbody tr" },
  { path: transactionPath, en: "Transaction", zh: "交易", ready: ".proof" },
  { path: "/meters", en: "Meters", zh: "电表", ready: "tbody tr" },
  { path: "/meters/JS-2026-000417", en: "JS-2026-000417", zh: "JS-2026-000417", ready: "canvas" },
  {
    path: "/meters/JS-2026-000417/record",
    en: "Record of JS-2026-000417",
    zh: "JS-2026-000417 的记录",
    ready: ".days li",
  },
  { path: "/objects", en: "Data objects", zh: "数据对象", ready: "tbody tr" },
  { path: objectPath, en: "tariff.csv", zh: "tariff.csv", ready: ".proof" },
  { path: "/market", en: "Market", zh: "市场", ready: "tbody tr" },
  { path: "/nodes", en: "Nodes", zh: "节点", ready: "tbody tr" },
  { path: "/identities", en: "Identities", zh: "身份", ready: "tbody tr" },
  { path: "/certificates", en: "Certificates", zh: "证书", ready: "tbody tr" },
  { path: "/mappings", en: "Data catalogue", zh: "数据目录", ready: "tbody tr" },
  { path: "/sign-in", en: "Sign in", zh: "登录", ready: "form" },
  { path: "/no/such/page", en: "There is no such page.", zh: "没有这个页面。", ready: "h1" },
] as const;

/** Signed in, with what it takes to enrol a device. */
const enroller: Session = {
  signedIn: true,
  user: "wang.li",
  roles: ["operator"],
  permissions: ["ledger.read", "identity.enrol", "account.password"],
  mustChangePassword: false,
  csrfToken: "csrf-2",
};
const rig = useConsole();

const open = (path: string, options?: PageOptions): Promise<Page> => rig.open(path, options);

describe("the console", () => {
  test("loads 80 kB or less, gzipped, until a page is opened that few need", async () => {
    const index = await readFile(join(rig.webDir, "index.html"));
    const open = [...String(index).matchAll(/\/assets\/([^"]+)/g)].map(([, name = ""]) => name);
    const seen = new Set<string>();
    let total = gzipSync(index).length;
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const file = await readFile(join(rig.webDir, "assets", name));
      total += gzipSync(file).length;
      open.push(...[...String(file).matchAll(/from"\.\/([^"]+)"/g)].map(([, one = ""]) => one));
    }
    assert.ok(seen.size > 3, "main, style, icon, and what main is made of");
    assert.ok(total <= 80_000, `${total} bytes`);
  });

  for (const language of ["en", "zh"] as const) {
    test(`shows every page in ${language}, narrow, without an error`, async () => {
      const locale = language === "en" ? "en-GB" : "zh-CN";
      const page = await open("/", { locale, viewport: { width: 360, height: 740 } });
      for (const { path, ready, ...title } of pages) {
        await page.goto(rig.origin + path);
        await page.locator(ready).first().waitFor();
        assert.equal(await page.locator("h1").innerText(), title[language]);
        const text = await page.locator("body").innerText();
        assert.doesNotMatch(text, /undefined|NaN|\[object|\0/, path);
        assert.equal(await page.evaluate(sidewaysPixels), 0, `${path} scrolls sideways`);
      }
      assert.deepEqual(rig.errors, []);
    });
  }

  test("never scrolls sideways as the window narrows, with a long meter name", async () => {
    const meter = "GRID-METER-JIANGSU-SUZHOU-00000417";
    assert.equal(meter.length, 34);
    rig.hub.chain.meterNames = [meter];
    rig.hub.chain.registers = Array.from({ length: 40 }, (_, rate) => ({
      obis: `1-0:${rate % 2 === 0 ? 3 : 4}.8.${rate}`,
      unit: "varh",
      scaler: 0,
    }));
    const page = await open("/", { viewport: { width: 1280, height: 800 } });
    for (const path of ["/", "/meters", `/meters/${meter}`]) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(rig.origin + path);
      await page
        .locator(path === "/meters" ? "tbody tr" : "canvas")
        .first()
        .waitFor();
      if (path !== "/meters") await page.locator(".u-wrap").last().waitFor();
      if (path === "/") await page.locator(".curve .u-wrap").waitFor();
      for (const width of [360, 320]) {
        await page.setViewportSize({ width, height: 740 });
        await page.waitForTimeout(150);
        const widest = "document.documentElement.scrollWidth";
        assert.equal(await page.evaluate(widest), width, `${path} at ${width}`);
        const charts = await page
          .locator(".u-wrap")
          .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
        for (const right of charts) assert.ok(right <= width, `${path}: a chart ends at ${right}`);
      }
    }
  });

  for (const colorScheme of ["light", "dark"] as const) {
    test(`has no serious accessibility violation, ${colorScheme}`, async () => {
      rig.hub.chain.silent = new Set([2]);
      const page = await open("/", { locale: "zh-CN", colorScheme });
      for (const { path, ready } of pages) {
        await page.goto(rig.origin + path);
        await page.locator(ready).first().waitFor();
        assert.deepEqual(await seriousViolations(page), [], path);
      }
    });
  }

  test("starts where the browser's language is no language tag", async () => {
    const page = await open("/", { locale: null });
    await page.locator("canvas").first().waitFor();
    assert.deepEqual(rig.errors, []);
  });

  test("remembers the chosen language", async () => {
    const page = await open("/");
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByRole("heading", { name: "总览" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "总览" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
  });

  test("is reached by keyboard everywhere", async () => {
    const page = await open("/");
    await page.locator("canvas").nth(2).waitFor();
    await page.locator(".block-list li").first().waitFor();
    const reachable = "a[href], button:not(:disabled), select, input, summary, [tabindex='0']";
    const total = await page.locator(reachable).count();
    const mark = "document.activeElement.dataset.reached = 'yes'";
    for (let step = 0; step < total; step++) {
      await page.keyboard.press("Tab");
      await page.evaluate(mark);
    }
    assert.equal(await page.locator("[data-reached]").count(), total);
    await page.getByRole("link", { name: "Nodes", exact: true }).first().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Nodes" }).waitFor();
    await page.locator("h1:focus").waitFor();
  });
});

describe("the live connection", () => {
  test("brings a new block without a reload", async () => {
    const page = await open("/");
    await page.locator(".height", { hasText: "128,402" }).waitFor();
    await page.locator(".block-list li").first().waitFor();
    await page.evaluate("globalThis.sameDocument = true");
    rig.hub.seal();
    await page.locator(".height", { hasText: "128,403" }).waitFor();
    await page.locator(".block-list li", { hasText: "128,403" }).waitFor();
    assert.equal(await page.evaluate("globalThis.sameDocument"), true);
    assert.deepEqual(rig.errors, []);
  });

  test("says so when it is lost, and comes back by itself", async () => {
    const page = await open("/");
    await shows(page, "Connected");
    await page.locator(".block-list li").first().waitFor();
    rig.hub.dropStreams();
    await shows(page, /Connection lost – reconnecting/);
    rig.hub.chain.height += 5;
    await shows(page, "Connected");
    await page.locator(".block-list li", { hasText: "128,407" }).waitFor();
  });

  test("marks a late block and a silent validator", async () => {
    rig.hub.chain.silent = new Set([3]);
    rig.hub.chain.height = 17 * 7553;
    const page = await open("/");
    await shows(page, "late");
    await shows(page, "3 of 4 online");
    await shows(page, "can lose none: the next failure stops the chain");
    await shows(page, "Offline, silent for 70 s");
  });
});

test("the bars of the time between blocks stand whole, with their words", async () => {
  const page = await open("/");
  await page.locator(".hero figure rect").first().waitFor();
  const box = await page.locator(".hero figure").boundingBox();
  assert.ok((box?.height ?? 0) >= 70, `${box?.height} px`);
});

describe("the chain's state in words", () => {
  test("idle is not a fault", async () => {
    rig.hub.chain.state = "idle";
    rig.hub.chain.headTimeMs = Date.now() - 3_600_000;
    const page = await open("/");
    await shows(page, /Idle since/);
    await shows(page, /last heartbeat \d s ago/);
    assert.equal(await page.locator(".hero .tone-fault").count(), 0);
  });

  test("stalled says how many transactions wait", async () => {
    rig.hub.chain.state = "stalled";
    rig.hub.chain.waiting = 37;
    rig.hub.chain.silent = new Set([0, 1]);
    const page = await open("/");
    await shows(page, "37 transactions waiting and no block comes");
    await shows(page, "1 more needed before blocks can be sealed");
  });

  test("a validator that signs no more counts as lost, in both languages", async () => {
    rig.hub.chain.alarms.set(1, {
      code: "VOTES_LOST",
      detail: "its vote file is older than its chain",
      detailZh: "投票文件早于其链",
    });
    const page = await open("/");
    await shows(page, "4 of 4 online");
    await shows(page, "can lose none: the next failure stops the chain");
    await shows(page, /not signing: its vote file is older than its chain/);
    await page.goto(`${rig.origin}/nodes`);
    await shows(page, /not signing: its vote file is older than its chain/);
    await page.getByRole("button", { name: "中文" }).click();
    await shows(page, /不再签名：投票文件早于其链/);
  });

  test("an empty chain has words for every empty list", async () => {
    rig.hub.reset(0);
    rig.hub.chain.state = "idle";
    const page = await open("/");
    await shows(page, "No blocks yet: the chain is idle until a reading arrives.");
    await shows(page, "No meters yet: one appears with its first reading.");
  });

  test("a refused reader is asked to sign in and still sees the status", async () => {
    rig.hub.isClosed = true;
    const page = await open("/");
    await shows(page, "This needs a sign-in");
    await page.locator(".height", { hasText: "128,402" }).waitFor();
    await page.goto(`${rig.origin}/blocks`);
    await shows(page, "Sign in first.");
    await page.goto(`${rig.origin}/blocks`);
    await page.getByRole("alert").getByRole("link", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  test("a sign-in leads back to the page that asked for it", async () => {
    rig.hub.isClosed = true;
    const page = await open("/blocks");
    await page.getByRole("alert").getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("User name").fill("wang.li");
    await page.getByLabel("Password").fill("one-time-7431");
    await page.keyboard.press("Enter");
    await page.locator("tbody tr").first().waitFor();
    assert.equal(new URL(page.url()).pathname, "/blocks");
  });

  test("a problem is shown in the chosen language", async () => {
    const page = await open("/blocks/999999999", { locale: "zh-CN" });
    await shows(page, "此地址没有内容。");
  });
});

describe("what the pages offer", () => {
  test("validators stand in the order of their names", async () => {
    const answer = rig.hub.chain.nodes.bind(rig.hub.chain);
    const names = ["validator-10", "validator-3", "validator-1", "validator-2"];
    rig.hub.chain.nodes = () => ({
      items: answer().items.map((node, index) => ({ ...node, name: names[index] ?? "" })),
    });
    const inOrder = ["validator-1", "validator-2", "validator-3", "validator-10"];
    const page = await open("/");
    await page.locator(".node-list li").first().waitFor();
    const listed = page.locator(".node-list li > span:first-child");
    assert.deepEqual(await listed.allInnerTexts(), inOrder);
    await page.goto(`${rig.origin}/nodes`);
    await page.locator("tbody tr").first().waitFor();
    const rows = await page
      .locator("table")
      .first()
      .locator("tbody td:first-child")
      .allInnerTexts();
    assert.deepEqual(
      rows.map((row) => row.split(/\s/)[0]),
      inOrder,
    );
  });

  test("a block beyond the head has no previous one", async () => {
    const page = await open("/blocks/128402");
    await page.getByRole("link", { name: "Previous block" }).waitFor();
    await page.goto(`${rig.origin}/blocks/999999999`);
    await page.getByRole("alert").waitFor();
    await page.getByRole("link", { name: "Previous block" }).waitFor({ state: "detached" });
  });

  test("an identity's short id stands beside its name", async () => {
    const page = await open("/identities");
    const id = fakeHash("billing").slice(0, 20);
    const cell = page.locator("td:first-child", { hasText: "billing" });
    await cell.getByText(`${id.slice(0, 8)}…${id.slice(-6)}`).waitFor();
  });
});

describe("meters and evidence", () => {
  test("the overview shows measured power before power worked out from energy", async () => {
    const page = await open("/");
    const register = page.getByRole("combobox", { name: "Register" });
    await register.waitFor();
    assert.equal(await register.inputValue(), "1-0:16.7.0");
  });

  test("a coarse register's power is averaged until its steps are fine", async () => {
    rig.hub.chain.registers = [{ obis: "1-0:1.8.0", unit: "Wh", scaler: 1 }];
    rig.hub.chain.intervalMs = 2_000;
    const page = await open("/");
    const chart = page.locator(".curve .chart");
    await chart.getByText("averaged over 3 min").waitFor();
    const power = Number.parseFloat(await chart.locator("output").innerText());
    assert.ok(Math.abs(power - 5.4) < 0.3, `${power} kW`);
    await page.getByRole("button", { name: "中文" }).click();
    await chart.getByText("3 分钟平均").waitFor();
  });

  test("a gap in the readings has a row of its own", async () => {
    const page = await open("/meters/JS-2026-000417");
    await shows(page, "Gap of 7 min: 6 readings missing");
    await shows(page, "1 gap in this range");
    await page.getByRole("button", { name: "Last day" }).click();
    await page.getByRole("button", { name: "Show more" }).waitFor();
    await page.getByRole("combobox", { name: "Register" }).selectOption("1-0:32.7.0");
    await shows(page, /^23\d\.\d V$/);
  });

  test("a corrected reading shows what stands beside what was read, with the record", async () => {
    const page = await open("/meters/JS-2026-000417");
    const record = `/transactions/${fakeHash("correction")}`;
    const stands = page.locator(`a[href="${record}"]`).first();
    assert.match(await stands.innerText(), /kWh · estimated$/);
    await shows(page, "Substitute");
    await page.getByRole("button", { name: "中文" }).click();
    await shows(page, "替代值");
  });

  test("a proof is saved with the command that checks it", async () => {
    const page = await open(transactionPath);
    const file = `proof-${fakeHash("transaction 1").slice(0, 12)}.json`;
    await shows(page, `gridledger verify ${file} --genesis genesis.cbor`);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download proof" }).click();
    assert.equal((await download).suggestedFilename(), file);
    const saved = JSON.parse(await readFile(await (await download).path(), "utf8"));
    assert.equal(saved.format, "gridledger-proof/1");
    const genesis = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download genesis" }).click();
    assert.equal((await readFile(await (await genesis).path())).toString("hex"), "a1617801");
  });
});

describe("an operator", () => {
  async function signIn(page: Page, password: string): Promise<void> {
    await page.getByLabel("User name").fill("wang.li");
    await page.getByLabel("Password").fill(password);
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  }

  test("signs in once with the one-time password, is asked to choose one and signs out", async () => {
    rig.hub.isClosed = true;
    const page = await open("/sign-in");
    await signIn(page, "wrong");
    await shows(page, "The user name or the password is wrong.");
    await signIn(page, "one-time-7431");
    await shows(page, /You signed in with a one-time password/);
    await page.locator(".block-list li").first().waitFor();
    await page.getByRole("button", { name: "Later" }).click();
    await page.locator(".prompt").waitFor({ state: "detached" });
    await page.locator("summary", { hasText: "wang.li" }).click();
    await page.getByRole("link", { name: "Change password" }).click();
    await page.getByLabel("Current password").fill("one-time-7431");
    await page.getByLabel("New password", { exact: true }).fill("transformer hums at night");
    await page.getByLabel("New password again").fill("transformer hums at night");
    await page.getByRole("button", { name: "Save password" }).click();
    await shows(page, "The new password is valid from now on.");
    await page.locator("summary", { hasText: "wang.li" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await shows(page, "This needs a sign-in");
  });

  test("who has signed in is sent from the sign-in page to the overview", async () => {
    rig.hub.session = enroller;
    const page = await open("/sign-in");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/");
  });

  test("invites a device, approves its request, and revokes a certificate with a reason", async () => {
    rig.hub.session = {
      ...rig.hub.session,
      ...{ signedIn: true, user: "operator", csrfToken: "csrf-1" },
      permissions: [
        ...(["ledger.read", "certificate.read", "certificate.approve"] as const),
        ...(["certificate.revoke", "identity.enrol"] as const),
      ],
    };
    const page = await open("/certificates");
    await shows(page, "1 certificate ends within 30 days");
    await page.getByLabel("Name", { exact: true }).fill("gateway-8");
    await page.getByRole("button", { name: "Make a code" }).click();
    await shows(page, "ABCDEF-1111-2222-3333-4444");
    await page.getByRole("button", { name: "Approve" }).click();
    await shows(page, "Nobody waits for a certificate.");
    await page.getByRole("button", { name: "Revoke", exact: true }).first().click();
    await page.getByLabel("Reason").selectOption("cessationOfOperation");
    await page.getByRole("button", { name: "Revoke", exact: true }).first().click();
    await page.getByRole("cell", { name: "Revoked" }).first().waitFor();
    assert.deepEqual(rig.errors, []);
  });

  test("enrols a device and sees at which height it is final", async () => {
    rig.hub.session = enroller;
    const page = await open("/identities");
    await page.getByLabel("Name").fill("gateway-yangzhou-1");
    await page.getByLabel("Public key").fill(Buffer.alloc(33, 2).toString("base64url"));
    await page.getByRole("button", { name: "Enrol" }).click();
    await shows(page, "gateway-yangzhou-1 is accepted and waits for a block.");
    rig.hub.seal();
    await shows(page, "gateway-yangzhou-1 is enrolled, final at height 128,403.");
  });
});

test("nothing was asked of any other host", () => {
  const outside = [...rig.requested].filter(
    (asked) => asked !== rig.origin && !asked.startsWith("null"),
  );
  assert.deepEqual(outside, []);
});
