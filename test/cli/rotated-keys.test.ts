import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { ApiClient } from "@gridledger/protocol/api/client";
import { addressOf } from "@gridledger/protocol/contracts/address";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { formatKeyTurns } from "@gridledger/protocol/keys/key-turns";
import { createSealedKey } from "@gridledger/protocol/keys/sealed-key";
import { encodeKeyRotation, proveRotation } from "@gridledger/protocol/ledger/key-rotation";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { verifyProof } from "@gridledger/protocol/ledger/proof";
import { decodeTransaction, verifyTransaction } from "@gridledger/protocol/ledger/transaction";
import { signOrder } from "@gridledger/protocol/market/sign-order";
import { encodeObjectReceipt } from "@gridledger/protocol/objects/object-receipt";
import type { Hub } from "../../hub/src/cli/hub/connect.ts";
import { encodePem } from "../../hub/src/cli/key-file.ts";
import { traderOf } from "../../hub/src/cli/market/trader.ts";
import { checkReceipt } from "../../hub/src/cli/objects/check-receipt.ts";
import { readSigningKey, signingKeys } from "../../hub/src/cli/signing/signing-key.ts";
import { Parties } from "../../hub/src/rest/market-view.ts";
import { type Rig, startRig, until } from "../hub/rig.ts";
import { ChainBuilder, type Key } from "../support/chain-builder.ts";
import { signedAs } from "../support/rotated.ts";

const FROM = 10;
const secret = Buffer.alloc(32, "s");

describe("commands that sign with a key that has turned", () => {
  let builder: ChainBuilder;
  let rig: Rig;
  let hub: Hub;
  let folder: string;
  let second: Key["signer"];
  const at = (name: string) => join(folder, name);
  const chain = () => builder.chain;

  beforeEach(async () => {
    builder = new ChainBuilder();
    rig = await startRig(builder);
    const client = new ApiClient({
      baseUrl: "http://127.0.0.1",
      fetch: (input, init) => Promise.resolve(rig.app.request(String(input), init)),
    });
    hub = {
      url: "http://127.0.0.1",
      call: (name, input) => client.call(name, input),
      request: (name, input) => client.request(name, input),
    };
    folder = mkdtempSync(join(tmpdir(), "gl-rotated-"));
    writeFileSync(at("unlock"), secret, { mode: 0o600 });
  });
  afterEach(async () => {
    await rig.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function page(name: string, epoch: number, pkcs8?: Uint8Array): Key["signer"] {
    const period = { validFromMs: 0, validUntilMs: Date.UTC(2040, 0, 1) };
    const ownership = { module: "gateway", owner: "City", epoch, ...period };
    const unlock = { secret, isRandom: true };
    const made = createSealedKey(chain().suite, unlock, ownership, pkcs8);
    writeFileSync(at(name), made.page, { mode: 0o600 });
    return made.signer;
  }

  /** The pages of an identity, and its rotation on the chain: the second key signs from a height on. */
  async function rotate(who: Key): Promise<void> {
    const { suite, chainId } = chain();
    page("gateway.page", 1, who.pkcs8);
    second = page("gateway.2.page", 2);
    writeFileSync(at("gateway.turns.json"), formatKeyTurns([{ epoch: 2, fromHeight: FROM }]));
    const terms = {
      ...{ identityId: Buffer.from(who.id, "hex"), module: "gateway", epoch: 2 },
      ...{ scheme: `${suite.name}-sign`, suiteId: suite.id, fromHeight: FROM },
    };
    const payload = encodeKeyRotation(proveRotation(chainId, second, terms));
    const by = { suite, signer: who.signer };
    await blocks(1, [signedAs(builder, by, who.id, kind.keyRotation, payload)]);
  }

  async function blocks(count: number, first: readonly Uint8Array[] = []): Promise<void> {
    for (let i = 0; i < count; i++) rig.carry(builder.add(i === 0 ? first : []));
    await until(() => rig.index.head.height === builder.height, "the hub has the blocks");
  }

  const keyOf = (name: string) => readSigningKey(hub, chain(), at(name));

  test("the chain says which page signs, whichever of them is named", async () => {
    const [device] = builder.devices as [Key];
    await rotate(device);
    for (const name of ["gateway.page", "gateway.2.page"]) {
      const { id, signer } = await keyOf(name);
      assert.equal(formatHex(id), device.id);
      assert.ok(equalBytes(signer.publicKey, device.signer.publicKey));
    }
    await blocks(FROM);
    for (const name of ["gateway.page", "gateway.2.page"]) {
      const { id, first, signer } = await keyOf(name);
      assert.equal(formatHex(id), device.id);
      assert.ok(equalBytes(signer.publicKey, second.publicKey));
      assert.ok(equalBytes(first, device.signer.publicKey));
    }
  });

  test("a key that signs no more, or whose page is not there, is refused before anything is sent", async () => {
    const [device] = builder.devices as [Key];
    await rotate(device);
    await blocks(FROM);
    writeFileSync(at("old.pem"), encodePem(device.pkcs8), { mode: 0o600 });
    await assert.rejects(keyOf("old.pem"), { code: "KEY_EPOCH" });
    page("gateway.2.page", 2); // another key in its place
    await assert.rejects(keyOf("gateway.page"), { code: "KEY_EPOCH" });
    rmSync(at("gateway.2.page"));
    await assert.rejects(keyOf("gateway.page"), { code: "KEY_EPOCH" });
    page("alone.2.page", 2);
    await assert.rejects(keyOf("alone.2.page"), { code: "KEY_PAGE_UNKNOWN" });
  });

  test("a hub that tells strangers nothing is tried with the newest page first", async () => {
    const [device] = builder.devices as [Key];
    await rotate(device);
    const closed = { call: () => Promise.reject(new Fault("NOT_SIGNED_IN")) };
    const keys = await signingKeys(closed, chain(), at("gateway.page"));
    const opened = await Promise.all(keys.map((open) => open()));
    const wanted = [second.publicKey, device.signer.publicKey].map(formatHex);
    assert.deepEqual(
      opened.map(({ signer }) => formatHex(signer.publicKey)),
      wanted,
    );
  });

  test("a trader keeps account and name, and signs with the key of now", async () => {
    const [device] = builder.devices as [Key];
    const address = addressOf(chain().suite.hash, device.signer.publicKey);
    await rotate(device);
    await blocks(FROM);
    const trader = await traderOf(hub, at("gateway.page"));
    assert.ok(equalBytes(trader.address, address));
    const parties = new Parties(chain().suite.hash, rig.directory);
    assert.equal(parties.of(address).name, device.name);
    const order = { meter: "M1", interval: 1, isBuy: true, quantityWh: 5, price: 7, clientId: "1" };
    const signed = decodeTransaction(chain().suite, signOrder(trader, order));
    assert.equal(formatHex(signed.sender), device.id);
    const { suite, chainId } = chain();
    assert.ok(verifyTransaction(suite, second.publicKey, chainId, signed));
  });

  test("an object's receipt is checked with the hub's key of then, as far as its rotation is proven", async () => {
    const { suite, chainId } = chain();
    const id = Buffer.from(builder.hub.id, "hex");
    const root = Buffer.alloc(32, 7);
    const said = { root, txHash: Buffer.alloc(32, 8), sizeBytes: 1, receivedMs: 2 };
    const by = (signer: Key["signer"]) =>
      Buffer.from(encodeObjectReceipt(suite, signer, chainId, said, id)).toString("base64url");
    const check = (receipt: string) => checkReceipt(hub, chain(), receipt, formatHex(root));
    second = builder.newKey("second").signer;
    await assert.rejects(check(by(second)), { code: "SIGNATURE_INVALID" });
    await rotate(builder.hub);
    const { keyProof } = await check(by(second));
    assert.equal(verifyProof(chain(), keyProof).senderSignature, "checked");
    assert.equal((await check(by(builder.hub.signer))).keyProof, null);
    await assert.rejects(check(by(builder.operator.signer)), { code: "SIGNATURE_INVALID" });
  });
});
