import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, describe, test } from "node:test";
import { type EvidenceBundle, evidenceBundle } from "@gridledger/protocol/api/bundle-contract";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { decodeManifest } from "@gridledger/protocol/objects/manifest";
import type { Page } from "playwright-core";
import { CertifiedChain } from "../objects/certified.ts";
import { useConsole } from "./console-rig.ts";

const bytes = Uint8Array.from({ length: 2_500 }, (_, i) => (i * 7) & 0xff);
const rig = useConsole();
let chainId: string;
let bundle: EvidenceBundle;

before(async () => {
  const chain = await new CertifiedChain().start();
  const { key } = await chain.certified("gateway-9");
  await chain.put(key, bytes);
  bundle = evidenceBundle.parse(await chain.bundle("objects/3.0/bundle"));
  chainId = formatHex(chain.builder.chain.chainId);
  await chain.rig.stop();
});

/** The page of the object that the bundle is of. */
async function openObject(given: EvidenceBundle): Promise<Page> {
  const { objects, chain } = rig.hub;
  chain.chainId = chainId;
  const { payload } = decodeTransaction(
    suiteByName("international"),
    Buffer.from(bundle.subject.transaction, "base64url"),
  );
  const root = formatHex(decodeManifest(payload).root);
  objects.items.push({ ...objects.items[0]!, root, name: "true.bin" });
  objects.bundle = given;
  return rig.open(`/objects/${root}`);
}

describe("an object in the console", () => {
  test("is saved when each of its chunks agrees with the sealed root", async () => {
    const page = await openObject(bundle);
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download and check" }).click();
    assert.deepEqual(new Uint8Array(await readFile(await (await saved).path())), bytes);
    await page.getByText("Saved as true.bin").waitFor();
    assert.deepEqual(rig.errors, []);
  });

  test("is not saved when the hub gives other bytes, or another chain's", async () => {
    const [first, ...others] = bundle.chunks!;
    const wrong = { ...first!, bytes: `B${first!.bytes.slice(1)}` };
    const page = await openObject({ ...bundle, chunks: [wrong, ...others] });
    let downloads = 0;
    page.on("download", () => downloads++);
    await page.getByRole("button", { name: "Download and check" }).click();
    await page.getByText("Nothing was saved").waitFor();
    await page.getByText("PROOF_INVALID").waitFor();
    rig.hub.objects.bundle = bundle;
    rig.hub.chain.chainId = "0".repeat(64);
    await page.reload();
    await page.getByRole("button", { name: "Download and check" }).click();
    await page.getByText("CHAIN_MISMATCH").waitFor();
    assert.equal(downloads, 0);
  });

  test("is found by its name, and shows which chunks are not there", async () => {
    const page = await rig.open("/objects");
    await page.getByText("old.json").waitFor();
    await page.fill("input[type=search]", "电价");
    await page.getByText("old.json").waitFor({ state: "detached" });
    await page.getByText("电价表 2026.csv").click();
    await page.getByText("31 of 40").waitFor();
    assert.equal(await page.getByRole("button", { name: "Download and check" }).count(), 0);
    await page.goto(`${rig.origin}/objects/${rig.hub.objects.items[2]!.root}`);
    await page.getByText(/Erased by decision, block 128,380: PIPL art. 47/).waitFor();
  });

  test("nothing there is said, and a meter's record shows its holes by the day", async () => {
    const page = await rig.open("/objects");
    await page.fill("input[type=search]", "no such");
    await page.getByText("No object has this name.").waitFor();
    await page.goto(`${rig.origin}/meters/JS-2026-000417`);
    await page.getByText("Is the record complete?").click();
    await page.getByText("9 of 289 intervals").waitFor();
    assert.ok((await page.locator(".days .run.missing").count()) > 0);
    assert.equal(await page.locator(".days .run.corrected").count(), 1);
    await page.getByText("Came more than a day later").waitFor();
  });
});
