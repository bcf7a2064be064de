import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { Fault } from "@gridledger/protocol/faults";
import { holdKey } from "@gridledger/protocol/keys/held-key";
import { KeyBook, type KeyUse } from "@gridledger/protocol/keys/key-book";
import { decodeKeyPage, encodeKeyPage, keyPageBinding } from "@gridledger/protocol/keys/key-page";
import { keySchemeByName } from "@gridledger/protocol/keys/key-scheme";
import type { KeyToken, TokenKey } from "@gridledger/protocol/keys/key-token";
import { KeyUses, keyUseCounts } from "@gridledger/protocol/keys/key-uses";
import { createSealedKey, openKeyPage } from "@gridledger/protocol/keys/sealed-key";
import type { UnlockSource } from "@gridledger/protocol/keys/unlock";
import fc from "fast-check";

const suite = suiteByName("international");
const message = Buffer.from("1-0:1.8.0");
const secret = randomBytes(32).toString("base64url");
const ownership = { module: "bridge", owner: "org-1", validFromMs: 0, validUntilMs: 1_000 };

function sealed(name = "international") {
  const unlock = { secret: Buffer.from(secret), isRandom: true };
  return createSealedKey(suiteByName(name), unlock, ownership);
}

/** A process with these files and variables. */
function processWith(
  files: Readonly<Record<string, Uint8Array>>,
  environment: Readonly<Record<string, string>> = {},
) {
  const now = { ms: 0 };
  const saves: string[] = [];
  const uses = new KeyUses({
    saved: undefined,
    save: (json) => saves.push(json),
    now: () => now.ms,
  });
  const readPrivate = (path: string) => {
    const bytes = files[path];
    if (bytes === undefined) throw new Fault("FILE_UNREADABLE", path);
    return bytes;
  };
  const hold = (unlock?: UnlockSource, path = "bridge.page") =>
    holdKey({ readPrivate, environment, uses }, suite, { path, unlock }, "process");
  return { hold, uses, saves, now };
}

test("a page opens with a secret from a file, a variable or a credential, and its handle signs", () => {
  const { page, signer } = sealed();
  const files = {
    "bridge.page": page,
    "/unlock": Buffer.from(`${secret}\n`),
    "/run/credentials/gridledger/unlock": Buffer.from(secret),
  };
  const environment = { UNLOCK: secret, CREDENTIALS_DIRECTORY: "/run/credentials/gridledger" };
  const { hold } = processWith(files, environment);
  for (const unlock of [{ file: "/unlock" }, { env: "UNLOCK" }, { credential: "unlock" }]) {
    const key = hold(unlock);
    assert.deepEqual(key.publicKey, signer.publicKey);
    assert.ok(suite.verify(key.publicKey, message, key.signer("test").sign(message)));
  }
});

test("a wrong secret, none, an empty one and a page of another suite each have a code", () => {
  const { page } = sealed();
  const { hold } = processWith(
    { "bridge.page": page, "/wrong": Buffer.from("wrong"), "sm.page": sealed("sm").page },
    { EMPTY: "" },
  );
  const code = (unlock: UnlockSource | undefined, path?: string) => {
    try {
      hold(unlock, path);
      return "opened";
    } catch (thrown) {
      return thrown instanceof Fault ? thrown.code : thrown;
    }
  };
  assert.equal(code({ file: "/wrong" }), "PASSPHRASE_WRONG");
  assert.equal(code(undefined), "KEY_LOCKED");
  assert.equal(code({ env: "EMPTY" }), "KEY_LOCKED");
  assert.equal(code({ env: "ABSENT" }), "KEY_LOCKED");
  assert.equal(code({ credential: "unlock" }), "KEY_LOCKED");
  assert.equal(code({ file: "/wrong" }, "sm.page"), "KEY_INVALID");
});

test("a damaged page is refused with a code, wherever the damage is", () => {
  const { page } = sealed();
  const codes = new Set(["KEY_PAGE_INVALID", "PASSPHRASE_WRONG", "KEY_INVALID", "KEY_LOCKED"]);
  fc.assert(
    fc.property(fc.nat(page.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const bytes = Uint8Array.from(page);
      bytes[at]! ^= mask;
      const { hold } = processWith({ "bridge.page": bytes }, { UNLOCK: secret });
      assert.throws(
        () => hold({ env: "UNLOCK" }),
        (thrown) => thrown instanceof Fault && codes.has(thrown.code),
      );
    }),
  );
  for (let length = 1; length < page.length; length += 7) {
    const { hold } = processWith({ "bridge.page": page.subarray(0, length) }, { UNLOCK: secret });
    assert.throws(() => hold({ env: "UNLOCK" }), { code: "KEY_PAGE_INVALID" });
  }
});

test("a held key shows its key nowhere", () => {
  const pkcs8 = suite.generateKey();
  const unlock = { secret: Buffer.from(secret), isRandom: true };
  const { page } = createSealedKey(suite, unlock, ownership, pkcs8);
  const key = processWith({ "bridge.page": page }, { UNLOCK: secret }).hold({ env: "UNLOCK" });
  const handle = key.signer("test");
  const shown = [key, handle].map((one) => inspect(one, { depth: 9, showHidden: true }));
  const { d } = privateNumberOf(pkcs8);
  for (const text of [...shown, JSON.stringify(key), Buffer.from(page).toString("hex")]) {
    assert.ok(!text.includes(d.toString("hex")));
    assert.ok(!text.includes(secret));
  }
});

function privateNumberOf(pkcs8: Uint8Array): { d: Buffer } {
  // PKCS#8 of P-256: the 32 bytes after the inner OCTET STRING's head 04 20.
  const at = Buffer.from(pkcs8).indexOf(Buffer.from([0x04, 0x20]));
  return { d: Buffer.from(pkcs8).subarray(at + 2, at + 34) };
}

test("each use counts for its module and purpose, saved at once, then once a minute and at the end", () => {
  const { page } = sealed();
  const { hold, uses, saves, now } = processWith({ "bridge.page": page }, { UNLOCK: secret });
  const key = hold({ env: "UNLOCK" });
  const readings = key.signer("readings");
  const connect = key.signer("connect");
  readings.sign(message);
  assert.equal(saves.length, 1);
  now.ms = 5_000;
  for (let i = 0; i < 9; i++) readings.sign(message);
  connect.sign(message);
  assert.equal(saves.length, 1);
  now.ms = 60_000;
  connect.sign(message);
  assert.equal(saves.length, 2);
  const expected = [
    { module: "bridge", purpose: "readings", count: 10, lastMs: 5_000 },
    { module: "bridge", purpose: "connect", count: 2, lastMs: 60_000 },
  ];
  assert.deepEqual(keyUseCounts(saves[1]!), expected);
  uses.save();
  assert.equal(saves.length, 2, "nothing new");

  const later = new KeyUses({
    saved: saves[1],
    save: (json) => saves.push(json),
    now: () => 70_000,
  });
  later.record("bridge", "connect");
  assert.equal(later.list().find(({ purpose }) => purpose === "connect")?.count, 3);
  assert.deepEqual(keyUseCounts("{"), []);
});

/**
 * Hardware as PKCS #11 shows it: objects live in the token and stay there; what wraps a key is only
 * the object's id.
 */
class SmartCard implements KeyToken {
  readonly kind = "smart-card";
  readonly #objects = new Map<string, Signer>();
  readonly #handles = new Map<number, string>();
  #isIn = false;

  login(pin: Uint8Array): void {
    if (Buffer.from(pin).toString() !== "1234") throw new Fault("PASSPHRASE_WRONG");
    this.#isIn = true;
  }

  logout(): void {
    this.#isIn = false;
    this.#handles.clear();
  }

  generateKey(scheme: string): TokenKey {
    const known = keySchemeByName(scheme);
    assert.equal(known.purpose, "sign");
    return this.importKey(scheme, known.generateKey());
  }

  importKey(scheme: string, pkcs8: Uint8Array): TokenKey {
    const known = keySchemeByName(scheme);
    if (known.purpose !== "sign") throw new Fault("KEY_INVALID");
    const id = `object-${this.#objects.size + 1}`;
    this.#objects.set(id, known.signer(pkcs8));
    return this.#handle(id);
  }

  wrapKey({ handle }: TokenKey): Uint8Array {
    return Buffer.from(this.#handles.get(handle)!);
  }

  unwrapKey(_scheme: string, wrapped: Uint8Array): TokenKey {
    return this.#handle(Buffer.from(wrapped).toString());
  }

  sign({ handle }: TokenKey, bytes: Uint8Array): Uint8Array {
    const object = this.#objects.get(this.#handles.get(handle) ?? "");
    if (object === undefined) throw new Fault("KEY_LOCKED");
    return object.sign(bytes);
  }

  open(): Uint8Array {
    throw new Fault("KEY_INVALID");
  }

  #handle(id: string): TokenKey {
    const object = this.#objects.get(id);
    if (!this.#isIn || object === undefined) throw new Fault("KEY_LOCKED");
    const handle = this.#handles.size + 1;
    this.#handles.set(handle, id);
    return { handle, publicKey: object.publicKey };
  }
}

test("a key in hardware has a page like any other, and another token does not open it", async () => {
  const card = new SmartCard();
  const pages: Uint8Array[] = [];
  const uses: KeyUse[] = [];
  const store = {
    loadAll: async () => pages,
    save: async (_name: string, encoded: Uint8Array) => void pages.push(encoded),
  };
  const deps = { store, token: card, recordUse: (use: KeyUse) => void uses.push(use) };
  const book = new KeyBook({ ...deps, now: () => 0 });
  book.unlock(Buffer.from("1234"));
  const scheme = "international-sign";
  const { publicKey, token } = await book.create({ ...ownership, scheme });
  assert.equal(token, "smart-card");
  const signature = book.signer("bridge", scheme).sign(message);
  assert.ok(suite.verify(publicKey, message, signature));
  assert.equal(uses.length, 1);

  const [page] = pages;
  assert.ok(suite.verify(publicKey, message, openKeyPage(card, page!).sign(message)));
  const { hold } = processWith({ "bridge.page": page! }, { UNLOCK: secret });
  assert.throws(() => hold({ env: "UNLOCK" }), { code: "KEY_LOCKED" });
  const forged = encodeKeyPage({ ...decodeKeyPage(page!), token: "software" });
  assert.ok(keyPageBinding(decodeKeyPage(forged)).length > 0);
  const other = processWith({ "bridge.page": forged }, { UNLOCK: secret });
  assert.throws(() => other.hold({ env: "UNLOCK" }), { code: "KEY_PAGE_INVALID" });
  book.lock();
  assert.throws(() => openKeyPage(card, page!), { code: "KEY_LOCKED" });
});
