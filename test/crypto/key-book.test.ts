import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { KeyBook, type KeyPageStore, type KeyUse } from "@gridledger/protocol/keys/key-book";
import { decodeKeyPage, encodeKeyPage, type KeyPage } from "@gridledger/protocol/keys/key-page";
import { passphraseProviders } from "@gridledger/protocol/keys/passphrase";
import { SoftwareToken } from "@gridledger/protocol/keys/software-token";
import fc from "fast-check";

const DAY_MS = 86_400_000;
const passphrase = Buffer.from("correct horse battery staple");
const message = Buffer.from("1-0:1.8.0");
/** Far below the default, so that the tests are quick. */
const cheap = { memoryKib: 64, passes: 1, lanes: 1 };

class MemoryStore implements KeyPageStore {
  readonly files = new Map<string, Uint8Array>();

  async loadAll(): Promise<Uint8Array[]> {
    return [...this.files.values()];
  }

  async save(name: string, encoded: Uint8Array): Promise<void> {
    if (this.files.has(name)) throw new Error("exists");
    this.files.set(name, encoded);
  }
}

function bookOn(store: KeyPageStore, now = { ms: 0 }) {
  const uses: KeyUse[] = [];
  const book = new KeyBook({
    store,
    token: new SoftwareToken(cheap),
    recordUse: (use) => uses.push(use),
    now: () => now.ms,
  });
  return { book, uses, now };
}

function request(scheme = "international-sign", owner = "org-1", module = "validator") {
  return { module, scheme, owner, validFromMs: 0, validUntilMs: 30 * DAY_MS };
}

test("module, scheme and epoch name one key page, and one key has one page", async () => {
  const { book } = bookOn(new MemoryStore());
  book.unlock(passphrase);
  const pkcs8 = suiteByName("sm").generateKey();
  const page = await book.create(request("sm-sign"), pkcs8);
  assert.equal(page.epoch, 1);
  assert.deepEqual(page.publicKey, suiteByName("sm").signer(pkcs8).publicKey);
  await assert.rejects(book.create(request("sm-sign")), { code: "KEY_PAGE_EXISTS" });
  const second = request("sm-sign", "org-1", "hub");
  await assert.rejects(book.create(second, pkcs8), { code: "KEY_PAGE_EXISTS" });
  await assert.rejects(book.rotate(request("sm-seal")), { code: "KEY_PAGE_UNKNOWN" });
  assert.throws(() => book.signer("validator", "sm-sign", 2), { code: "KEY_PAGE_UNKNOWN" });
});

test("two requests at once for the same page: one gets it", async () => {
  const { book } = bookOn(new MemoryStore());
  book.unlock(passphrase);
  const results = await Promise.allSettled([book.create(request()), book.create(request())]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.equal(book.list().length, 1);
});

test("keys of every scheme sign or open through handles after a restart", async () => {
  const store = new MemoryStore();
  const first = bookOn(store).book;
  first.unlock(passphrase);
  const signing = ["international-sign", "sm-sign", "ed25519", "ecdsa-secp256k1"];
  const sealing = ["international-seal", "sm-seal", "ecies-x25519"];
  for (const scheme of [...signing, ...sealing]) await first.create(request(scheme));

  const { book } = bookOn(store);
  await book.load();
  book.unlock(passphrase);
  for (const scheme of signing) {
    const signer = book.signer("validator", scheme);
    const id = { module: "validator", scheme, epoch: 1 };
    assert.ok(book.verify(id, message, signer.sign(message)), scheme);
    assert.throws(() => book.opener("validator", scheme), { code: "KEY_INVALID" });
  }
  const sm = suiteByName("sm");
  const opener = book.opener("validator", "sm-seal");
  const sealed = sm.seal(opener.publicKey, message, Buffer.from("context"));
  assert.deepEqual(Buffer.from(opener.open(sealed, Buffer.from("context"))), message);
  assert.throws(() => book.signer("validator", "sm-seal"), { code: "KEY_INVALID" });
});

test("rotation loses nothing: old epochs sign, verify and open on, the newest is the default", async () => {
  const store = new MemoryStore();
  const { book } = bookOn(store);
  book.unlock(passphrase);
  await book.create(request());
  const old = book.signer("validator", "international-sign");
  const oldSignature = old.sign(message);
  const next = await book.rotate({ ...request(), validUntilMs: 60 * DAY_MS });
  assert.equal(next.epoch, 2);
  const current = book.signer("validator", "international-sign");
  assert.notDeepEqual(current.publicKey, old.publicKey);
  assert.deepEqual(current.publicKey, next.publicKey);
  const epoch = (number: number) => ({
    module: "validator",
    scheme: "international-sign",
    epoch: number,
  });
  assert.ok(book.verify(epoch(1), message, old.sign(message)), "a handle taken before still works");
  book.lock();
  assert.ok(book.verify(epoch(1), message, oldSignature), "old signatures verify, locked or not");
  assert.ok(!book.verify(epoch(2), message, oldSignature));
  assert.equal(store.files.size, 2);
});

test("a page that is lost leaves a gap, and its epoch is never given again", async () => {
  const store = new MemoryStore();
  const { book } = bookOn(store);
  book.unlock(passphrase);
  await book.create(request());
  await book.rotate(request());
  await book.rotate(request());
  store.files.delete("validator.international-sign.2");
  const after = bookOn(store).book;
  await after.load();
  after.unlock(passphrase);
  assert.equal((await after.rotate(request())).epoch, 4);
});

test("overdue keys are listed with their owner, the longest overdue first; rotated ones are not", async () => {
  const { book } = bookOn(new MemoryStore());
  book.unlock(passphrase);
  await book.create({ ...request("sm-sign", "org-2"), validUntilMs: 20 * DAY_MS });
  await book.create({ ...request("sm-seal", "org-3"), validUntilMs: 10 * DAY_MS });
  await book.create({ ...request("ed25519", "org-4"), validUntilMs: 90 * DAY_MS });
  assert.deepEqual(book.overdue(10 * DAY_MS - 1), []);
  const owners = () => book.overdue(30 * DAY_MS).map(({ owner, scheme }) => [owner, scheme]);
  assert.deepEqual(owners(), [
    ["org-3", "sm-seal"],
    ["org-2", "sm-sign"],
  ]);
  await book.rotate({ ...request("sm-seal", "org-3"), validUntilMs: 99 * DAY_MS });
  assert.deepEqual(owners(), [["org-2", "sm-sign"]]);
});

test("each use is recorded before it happens, and without a record there is no use", async () => {
  const { book, uses, now } = bookOn(new MemoryStore());
  book.unlock(passphrase);
  await book.create(request());
  const signer = book.signer("validator", "international-sign");
  signer.sign(message);
  now.ms = 30 * DAY_MS;
  signer.sign(message);
  const use = { module: "validator", scheme: "international-sign", epoch: 1, operation: "sign" };
  assert.deepEqual(uses, [
    { ...use, atMs: 0, isOutsidePeriod: false },
    { ...use, atMs: 30 * DAY_MS, isOutsidePeriod: true },
  ]);
  let signed = 0;
  class CountingToken extends SoftwareToken {
    override sign(...args: Parameters<SoftwareToken["sign"]>): Uint8Array {
      signed++;
      return super.sign(...args);
    }
  }
  const deaf = new KeyBook({
    store: new MemoryStore(),
    token: new CountingToken(cheap),
    recordUse: () => {
      throw new Error("the disk is full");
    },
    now: () => 0,
  });
  deaf.unlock(passphrase);
  await deaf.create(request());
  assert.throws(() => deaf.signer("validator", "international-sign").sign(message), /disk is full/);
  assert.equal(signed, 0);
});

test("no handle, list, file or error shows the key", async () => {
  const store = new MemoryStore();
  const { book } = bookOn(store);
  book.unlock(passphrase);
  const pkcs8 = suiteByName("international").generateKey();
  const secret = Buffer.from(pkcs8).subarray(-32);
  await book.create(request(), pkcs8);
  const signer = book.signer("validator", "international-sign");
  signer.sign(message);
  const shown = [
    inspect([book, signer, book.list()], { depth: 9, showHidden: true }),
    JSON.stringify([book, signer, book.list()]),
  ].join();
  assert.ok(!shown.includes(secret.toString("hex")) && !shown.includes([...secret].join(",")));
  assert.ok(!shown.includes(passphrase.toString()) && !shown.includes("wrapped"));
  for (const file of store.files.values()) assert.ok(!Buffer.from(file).includes(secret));
});

test("locked, a key does not work; unlocked again, the same handle does", async () => {
  const { book } = bookOn(new MemoryStore());
  await assert.rejects(book.create(request()), { code: "KEY_LOCKED" });
  book.unlock(passphrase);
  await book.create(request());
  const signer = book.signer("validator", "international-sign");
  book.lock();
  assert.throws(() => signer.sign(message), { code: "KEY_LOCKED" });
  book.unlock(Buffer.from("wrong"));
  assert.throws(() => signer.sign(message), { code: "PASSPHRASE_WRONG" });
  book.unlock(passphrase);
  assert.equal(signer.sign(message).length, 64);
});

test("a page whose name, owner, period or key was changed at rest does not open", async () => {
  const store = new MemoryStore();
  const { book } = bookOn(store);
  book.unlock(passphrase);
  await book.create(request());
  const page = decodeKeyPage([...store.files.values()][0]!);
  const other = suiteByName("international").signer(suiteByName("international").generateKey());
  const changes: Partial<KeyPage>[] = [
    { module: "hub" },
    { epoch: 7 },
    { owner: "org-9" },
    { validUntilMs: 99 * DAY_MS },
    { publicKey: other.publicKey },
    { wrapped: page.wrapped.with(-1, page.wrapped.at(-1)! ^ 1) },
  ];
  for (const change of changes) {
    const forged = { ...page, ...change };
    const forgedStore = new MemoryStore();
    await forgedStore.save("forged", encodeKeyPage(forged));
    const { book: victim } = bookOn(forgedStore);
    await victim.load();
    victim.unlock(passphrase);
    const signer = victim.signer(forged.module, forged.scheme);
    assert.throws(() => signer.sign(message), { code: "PASSPHRASE_WRONG" }, Object.keys(change)[0]);
  }
});

test("a page that cannot be saved is not kept, and the name is free again", async () => {
  const store = new MemoryStore();
  const { book } = bookOn(store);
  book.unlock(passphrase);
  const { save } = store;
  store.save = async () => {
    throw new Error("the disk is full");
  };
  await assert.rejects(book.create(request()), /disk is full/);
  assert.deepEqual(book.list(), []);
  store.save = save;
  assert.equal((await book.create(request())).epoch, 1);
});

test("a key page is one strict CBOR encoding: it round-trips, and no other bytes are taken", () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
  const pages = fc.record(
    {
      module: name,
      scheme: name,
      epoch: fc.integer({ min: 1, max: 1e6 }),
      owner: fc.string({ minLength: 1, maxLength: 30 }),
      publicKey: fc.uint8Array({ maxLength: 64 }),
      validFromMs: fc.nat(1e9),
      validUntilMs: fc.integer({ min: 1e9 + 1, max: 2e9 }),
      token: name,
      wrapped: fc.uint8Array({ maxLength: 200 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(pages, fc.nat(), (page, at) => {
      const encoded = encodeKeyPage(page);
      assert.deepEqual(decodeKeyPage(encoded), page);
      assert.throws(() => decodeKeyPage(encoded.subarray(0, at % encoded.length)));
      assert.throws(() => decodeKeyPage(Buffer.concat([encoded, Buffer.of(0)])));
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      assert.throws(() => decodeKeyPage(bytes), { name: "Fault" });
    }),
  );
});

test("periods, names and owners that make no sense are refused", async () => {
  const { book } = bookOn(new MemoryStore());
  book.unlock(passphrase);
  const bad = [
    { validUntilMs: 0 },
    { owner: "" },
    { owner: "x".repeat(129) },
    { module: "../etc" },
    { module: "" },
  ];
  for (const change of bad) {
    await assert.rejects(book.create({ ...request(), ...change }), { code: "KEY_PAGE_INVALID" });
  }
  await assert.rejects(book.create(request("rot13")), { code: "SUITE_UNKNOWN" });
});

test("argon2id: the native and the portable provider agree with the reference value", () => {
  const states = passphraseProviders.testAll().map(({ provider, state }) => [provider, state]);
  assert.deepEqual(states, [
    ["node-rs", "in use"],
    ["noble", "standby"],
  ]);
});
