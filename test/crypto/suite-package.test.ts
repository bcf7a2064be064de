import assert from "node:assert/strict";
import { test } from "node:test";
import { guardedSuite } from "@gridledger/protocol/crypto/guarded-suite";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import type { SuitePackage, SuiteVectors } from "@gridledger/protocol/crypto/suite-package";
import {
  loadSuite,
  registerSuite,
  suiteById,
  suiteByName,
} from "@gridledger/protocol/crypto/suites";
import {
  decodeTransaction,
  signTransaction,
  verifyTransaction,
} from "@gridledger/protocol/ledger/transaction";
import { suitePackage } from "./fixtures/outside-suite/index.ts";

const name = "@example/gridledger-suite";
const fromFixtures = () => import("./fixtures/outside-suite/index.ts");

function changed(suite: Partial<Suite>, vectors: Partial<SuiteVectors> = {}): SuitePackage {
  return {
    packageName: name,
    suite: { ...suitePackage.suite, ...suite },
    vectors: { ...suitePackage.vectors, ...vectors },
  };
}

function refusal(code: string, change: SuitePackage): void {
  assert.throws(() => registerSuite(change), { code });
  assert.throws(() => suiteById(change.suite.id === 1 ? 700 : change.suite.id));
}

test("an outside suite is not usable before its vectors pass, whatever is wrong with it", () => {
  const { vectors } = suitePackage;
  const yes = () => true;
  const boom = () => {
    throw new TypeError("boom");
  };
  for (const lacking of ["hash", "signing", "cipher", "sealing"] as const) {
    refusal("SUITE_SELF_TEST", changed({}, { [lacking]: [] }));
  }
  refusal("SUITE_SELF_TEST", changed({}, { signing: vectors.signing.filter((v) => v.isValid) }));
  refusal("SUITE_SELF_TEST", changed({}, { hash: [{ message: "00", digest: "00".repeat(32) }] }));
  refusal("SUITE_SELF_TEST", changed({ verify: yes }));
  refusal("SUITE_SELF_TEST", changed({ verify: boom }));
  refusal("SUITE_SELF_TEST", changed({ checkPublicKey: () => undefined }));
  refusal("SUITE_SELF_TEST", changed({ seal: (_key, plaintext) => plaintext }));
  const xor: Suite["cipher"] = { ...suitePackage.suite.cipher, decrypt: (_k, _n, text) => text };
  refusal("SUITE_SELF_TEST", changed({ cipher: xor }));
});

test("an outside suite may not take a number, a name or a COSE algorithm that is taken or reserved", () => {
  for (const id of [1, 255, 65_536, 300.5]) refusal("SUITE_REFUSED", changed({ id }));
  for (const bad of ["international", "sm", "Ä", ""])
    refusal("SUITE_REFUSED", changed({ name: bad }));
  for (const coseAlgorithm of [-7, -65_536, -65_537, 5]) {
    refusal("SUITE_REFUSED", changed({ coseAlgorithm }));
  }
});

test("a package that exports no suite, or cannot be imported, is refused and named", async () => {
  await assert.rejects(loadSuite("@example/absent"), { code: "SUITE_REFUSED" });
  for (const exported of [
    null,
    {},
    { suitePackage: {} },
    { suitePackage: changed({ seal: undefined as never }) },
  ]) {
    await assert.rejects(
      loadSuite(name, async () => exported),
      { code: "SUITE_REFUSED" },
    );
  }
  await assert.rejects(loadSuite("@example/other-name", fromFixtures), { code: "SUITE_REFUSED" });
});

test("the sample package is loaded by name, signs a transaction, seals and opens", async () => {
  const suite = await loadSuite(name, fromFixtures);
  assert.equal(await loadSuite(name), suite);
  assert.equal(suiteByName("example"), suite);
  assert.equal(suiteById(700), suite);
  assert.throws(() => registerSuite(suitePackage), { code: "SUITE_REFUSED" });

  const signer = suite.signer(suite.generateKey());
  const chainId = suite.hash(Buffer.from("genesis"));
  const body = { kind: 1, validUntilHeight: 9, nonce: Buffer.of(1), payload: Buffer.of(0xf6) };
  const transaction = decodeTransaction(suite, signTransaction(suite, signer, chainId, body));
  assert.equal(transaction.sign1.coseAlgorithm, -70_700);
  assert.ok(verifyTransaction(suite, signer.publicKey, chainId, transaction));
  assert.ok(!verifyTransaction(suite, signer.publicKey, Buffer.from("other chain"), transaction));
  assert.ok(!verifyTransaction(suiteByName("sm"), signer.publicKey, chainId, transaction));

  const opener = suite.opener(suite.generateSealingKey());
  const sealed = suite.seal(opener.publicKey, Buffer.from("tariff"), Buffer.from("context"));
  assert.equal(Buffer.from(opener.open(sealed, Buffer.from("context"))).toString(), "tariff");
});

test("what an outside suite throws at bytes from strangers is a refusal with a code", async () => {
  const suite = await loadSuite(name, fromFixtures);
  const key = suite.generateSealingKey();
  assert.throws(() => suite.checkPublicKey(new Uint8Array(33)), { code: "KEY_INVALID" });
  assert.throws(() => suite.signer(Buffer.from("00")), { code: "KEY_INVALID" });
  const opener = suite.opener(key);
  assert.throws(() => opener.open(new Uint8Array(80), new Uint8Array(0)), {
    code: "SEALED_INVALID",
  });
});

test("an outside suite that throws errors of its own is refused in our codes, and verifies nothing", () => {
  const boom = () => {
    throw new RangeError("boom");
  };
  const suite = guardedSuite({
    ...suitePackage.suite,
    ...{ verify: boom, checkPublicKey: boom, seal: boom },
    opener: () => ({ publicKey: new Uint8Array(33), open: boom }),
  });
  const bytes = new Uint8Array(33);
  assert.equal(suite.verify(bytes, bytes, bytes), false);
  assert.throws(() => suite.checkPublicKey(bytes), { code: "KEY_INVALID", message: "boom" });
  assert.throws(() => suite.seal(bytes, bytes, bytes), { code: "KEY_INVALID" });
  assert.throws(() => suite.opener(bytes).open(bytes, bytes), { code: "SEALED_INVALID" });
});
