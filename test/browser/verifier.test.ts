import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { formatHex } from "@gridledger/protocol/hex";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { buildVerifier } from "../../hub/build/verifier.ts";
import { CertifiedChain, hashOf } from "../objects/certified.ts";
import { forgeriesOf } from "../objects/forgeries.ts";
import { launchChromium, seriousViolations } from "./chromium.ts";

const T0 = Date.UTC(2024, 4, 1, 10, 15);
const choose = "input[type=file] >> nth=0";

interface Evidence {
  readonly file: string;
  readonly bundle: unknown;
  readonly chainId: string;
}

let directory: string;
let browser: Browser;
let context: BrowserContext;
let errors: string[] = [];
const evidence: Partial<Record<Suite, Evidence>> = {};
const suites = ["international", "sm"] as const;
type Suite = (typeof suites)[number];

async function makeEvidence(suite: Suite): Promise<Evidence> {
  const chain = await new CertifiedChain(suite).start();
  try {
    const { key } = await chain.certified("gateway-9");
    const meter = { meter: "E0012", timesMs: [T0, T0 + 900_000], values: [1_234_567, 1_234_999] };
    const batch = chain.builder.batch(key, meter);
    await chain.add([batch]);
    const path = `transactions/${hashOf(batch, chain)}/bundle?meter=E0012&timeMs=${T0}`;
    const bundle = await chain.bundle(path);
    const file = join(directory, `${suite}.json`);
    await writeFile(file, JSON.stringify(bundle));
    return { file, bundle, chainId: formatHex(chain.builder.chain.chainId) };
  } finally {
    await chain.rig.stop();
  }
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "gridledger-verifier-"));
  await buildVerifier(directory);
  for (const suite of suites) evidence[suite] = await makeEvidence(suite);
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await rm(directory, { recursive: true, force: true });
});
afterEach(() => context?.close());

/** From a file, without any network: whatever the page asks for is an error. */
async function open(options: BrowserContextOptions = {}): Promise<Page> {
  errors = [];
  context = await browser.newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => errors.push(message.text()));
  page.on("request", (request) => {
    if (!/^(file|blob):/.test(request.url())) errors.push(request.url());
  });
  await page.goto(`file://${join(directory, "verify.html")}`);
  return page;
}

const state = (page: Page, expected: string) =>
  page.locator(`.answer[data-state=${expected}]`).waitFor();

describe("the page that verifies evidence", () => {
  for (const suite of suites) {
    test(`proves a true bundle for the chain that the reader names, ${suite}`, async () => {
      const { file, chainId } = evidence[suite]!;
      const page = await open();
      await page.setInputFiles(choose, file);
      await state(page, "consistent");
      await page.fill("#chain-id", chainId);
      await state(page, "proven");
      await page.getByText("1,234.567 kWh").waitFor();
      await page.getByText(/meter E0012, 1 May 2024.*sealed by 3 of 4 validators/).waitFor();
      assert.equal(await page.locator(".steps li[data-state=held]").count(), 9);
      assert.deepEqual(errors, []);
    });
  }

  test("says that a bundle is only consistent until its chain id was compared", async () => {
    const { file, chainId } = evidence.international!;
    const page = await open();
    await page.setInputFiles(choose, file);
    await state(page, "consistent");
    assert.equal((await page.locator(".chain-id").innerText()).replaceAll(/\s/g, ""), chainId);
    await page.getByRole("button", { name: "I have compared it" }).click();
    await state(page, "proven");
    assert.deepEqual(await seriousViolations(page), []);
  });

  test("refuses what is of another chain, damaged or no evidence, and says what to do", async () => {
    const { file } = evidence.international!;
    const page = await open({ locale: "zh-CN", viewport: { width: 390, height: 800 } });
    await page.fill("#chain-id", evidence.sm!.chainId);
    await page.setInputFiles(choose, file);
    await state(page, "refused");
    await page.getByText("它不属于您指定的链").waitFor();
    await page.getByRole("button", { name: "粘贴文本" }).click();
    await page.fill("textarea", "{");
    await page.getByRole("button", { name: "验证此文本" }).click();
    await page.getByText("PROOF_SHAPE").waitFor();
    assert.deepEqual(await seriousViolations(page), []);
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert.ok(width <= 390, String(width));
    assert.deepEqual(errors, []);
  });

  test("does not prove a bundle with any field flipped or added", async () => {
    const { bundle, chainId } = evidence.international!;
    const page = await open();
    const texts = forgeriesOf(bundle).map(({ forged }) => JSON.stringify(forged()));
    const judged = await page.evaluate(
      ([id, all]) =>
        all.map((text) => {
          const { state, fault } = globalThis.gridledgerJudge(text, { chainId: id });
          return `${state} ${fault?.code ?? ""}`;
        }),
      [chainId, texts] as const,
    );
    assert.equal(judged.length, texts.length);
    const wrong = judged.filter(
      (one) => !/^refused (PROOF|SEAL|CHAIN|GENESIS|CBOR|KEY)_/.test(one),
    );
    assert.deepEqual(wrong, []);
    const { state } = await page.evaluate(
      ([id, text]) => globalThis.gridledgerJudge(text, { chainId: id }),
      [chainId, JSON.stringify(bundle)] as const,
    );
    assert.equal(state, "proven");
  });
});

declare global {
  /** The page's own (`dashboard/verifier/main`). */
  var gridledgerJudge: (
    text: string,
    brought: { readonly chainId: string },
  ) => { readonly state: string; readonly fault?: { readonly code: string } };
}
