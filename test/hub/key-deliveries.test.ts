import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { deliveryContext } from "@gridledger/protocol/keys/key-delivery";
import { openSealedKey } from "@gridledger/protocol/keys/sealed-key";
import { ChainBuilder } from "../support/chain-builder.ts";
import { call } from "./call.ts";
import { signedInAs } from "./people.ts";
import { type Rig, startRig } from "./rig.ts";

const WEEK_MS = 7 * 86_400_000;

describe("a key made by the hub for somebody else", () => {
  const builder = new ChainBuilder();
  const { suite } = builder.chain;
  let rig: Rig;
  let operator: Record<string, string>;

  const make = (body: object) => call(rig, "/api/v1/key-deliveries", { body, headers: operator });
  const fetched = (id: string) =>
    call(rig, `/api/v1/key-deliveries/${id}/fetch`, { method: "POST" });
  const bytes = (text: string) => Buffer.from(text, "base64url");

  before(async () => {
    rig = await startRig(builder);
    operator = await signedInAs(rig, { name: "wang", roles: ["operator"] });
  });
  after(() => rig.stop());

  test("comes as a page that only the passphrase opens, once, and signs", async () => {
    const { json: made } = await make({ name: "gateway-7", role: "device" });
    const { json } = await fetched(made.id);
    assert.deepEqual([json.form, json.publicKey], ["page", made.publicKey]);
    const open = (passphrase: string) =>
      openSealedKey({ secret: Buffer.from(passphrase), isRandom: false }, bytes(json.content));
    assert.throws(() => open("wrong"), { code: "PASSPHRASE_WRONG" });
    const signer = open(made.passphrase);
    const message = Buffer.from("message");
    assert.ok(suite.verify(signer.publicKey, message, signer.sign(message)));
    const again = await fetched(made.id);
    assert.deepEqual([again.status, again.json.code], [410, "DELIVERY_TAKEN"]);
    const lines = await rig.audit.page({ limit: 3 });
    assert.deepEqual(
      lines.map(({ action, result }) => `${action} ${result}`),
      ["key.fetch refused", "key.fetch done", "key.deliver done"],
    );
    assert.ok(!JSON.stringify(lines).includes(made.passphrase));
  });

  test("or sealed to the recipient's key; nothing of it lies in the hub's database in the clear", async () => {
    const recipient = suite.opener(suite.generateSealingKey());
    const recipientKey = Buffer.from(recipient.publicKey).toString("base64url");
    for (const purpose of ["signing", "encryption"] as const) {
      const { json: made } = await make({ name: "li.na", role: "operator", purpose, recipientKey });
      assert.equal(made.passphrase, null);
      const { json } = await fetched(made.id);
      const context = deliveryContext(made.id, Buffer.from(made.publicKey, "hex"));
      const pkcs8 = recipient.open(bytes(json.content), context);
      const { publicKey } = purpose === "signing" ? suite.signer(pkcs8) : suite.opener(pkcs8);
      assert.equal(Buffer.from(publicKey).toString("hex"), made.publicKey);
      const files = [rig.file, `${rig.file}-wal`].map((file) => readFileSync(file));
      assert.ok(files.every((file) => !file.includes(Buffer.from(pkcs8).subarray(-32))));
    }
  });

  test("is refused where it cannot be sealed, is not known, or was not fetched in time", async () => {
    const unsealed = await make({ name: "x", role: "device", purpose: "encryption" });
    assert.equal(unsealed.json.code, "REQUEST_INVALID");
    const wrong = await make({ name: "x", role: "device", recipientKey: "AAAA" });
    assert.equal(wrong.json.code, "KEY_INVALID");
    const auditor = await make({ name: "x", role: "auditor" });
    assert.equal(auditor.json.code, "FORBIDDEN", "an administrator enrols those");
    assert.equal((await fetched("0".repeat(32))).json.code, "NOT_FOUND");
    const { json: made } = await make({ name: "late", role: "device" });
    await rig.store.transaction((db) =>
      db("key_deliveries")
        .where({ id: made.id })
        .decrement("expires_ms", WEEK_MS + 1),
    );
    assert.equal((await fetched(made.id)).json.code, "DELIVERY_TAKEN");
  });
});
