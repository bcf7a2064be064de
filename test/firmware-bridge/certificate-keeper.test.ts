import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { sm } from "@gridledger/protocol/crypto/sm";
import { type KeyRing, soleRing } from "@gridledger/protocol/keys/key-ring";
import { encodeRenewalAnswer } from "@gridledger/protocol/messages/renewal";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { topics } from "@gridledger/protocol/topics";
import { CertificateFile } from "../../firmware-bridge/src/certificate/certificate-file.ts";
import { CertificateKeeper } from "../../firmware-bridge/src/certificate/certificate-keeper.ts";
import { RenewalListener } from "../../hub/src/ca/renewal-listener.ts";
import { DAY_MS, Office } from "../ca/office.ts";
import type { Key } from "../support/chain-builder.ts";
import { MemoryBus } from "../support/memory-bus.ts";

const warnings: string[] = [];
const log = {
  ...{ debug() {}, info() {}, error() {} },
  warn: (_: object, text: string) => warnings.push(text),
};

describe("a gateway keeps its certificate", () => {
  let office: Office;
  let device: Key;
  let file: CertificateFile;
  let bus: MemoryBus;
  let keys: KeyRing;
  let height: number;
  let connect: (connected: boolean) => void;
  const serialNow = () => file.read()[0]!.serial;
  const asked = () => bus.on(new RegExp(`/q/${office.builder.hub.id}/`)).length;

  beforeEach(async () => {
    office = await new Office().start();
    device = office.builder.newKey("gateway-7");
    const [signing] = await office.enrol("gateway-7", device);
    const { root, all } = office.authority.authorities;
    file = new CertificateFile(join(office.folder, "gateway.crt"));
    file.write([parseCertificate(signing!.encoded), all[0]!.certificate, root]);
    bus = new MemoryBus();
    height = 0;
    const { chain, hub } = office.builder;
    new RenewalListener({ chain, bus, authority: office.authority, log }, hub.id).start();
    const uplink = {
      publish: (topic: string, bytes: Uint8Array) => {
        bus.publish(topic, bytes);
        return true;
      },
      subscribe: bus.subscribe.bind(bus),
      onState: (callback: (connected: boolean) => void) => {
        connect = callback;
      },
    };
    const clock = {
      nowMs: () => office.clock.now(),
      schedule: (ms: number, action: () => void) => office.clock.after(ms, action),
    };
    keys = soleRing(chain.suite, device.signer);
    const chainHeight = () => height;
    new CertificateKeeper({ chain, keys, chainHeight, uplink, file, clock, log }).start();
  });
  afterEach(() => office.stop());

  /** Until the authority has answered so often in all. */
  async function answered(count: number): Promise<void> {
    const answers = () => bus.on(new RegExp(`/q/${device.id}/`)).length;
    while (answers() < count) await new Promise((resolve) => setImmediate(resolve));
    await office.authority.recorder.run();
  }

  test("that has expired while it was off for months, as soon as it is back", async () => {
    const before = serialNow();
    office.clock.advance((365 + 120) * DAY_MS);
    connect(true);
    await answered(1);
    assert.notEqual(serialNow(), before);
    assert.ok(file.read()[0]!.notAfterMs > office.clock.now());
    assert.equal(file.read().length, 3);
  });

  test("by itself in the last third, and not before", async () => {
    const before = serialNow();
    office.clock.advance(243 * DAY_MS);
    connect(true);
    assert.equal(asked(), 0);
    office.clock.advance(DAY_MS / 2);
    await answered(1);
    assert.notEqual(serialNow(), before);
  });

  /** The chain's second key of the device, from the next block on; the device has its page. */
  function turn(): Uint8Array {
    const { chain } = office.builder;
    const { signer } = office.builder.newKey("second");
    office.rotate(device.id, signer);
    const fromHeight = office.height + 1;
    const second = { epoch: 2, suite: chain.suite, fromHeight, signer: () => signer };
    keys.learn([...keys.keys, second]);
    return signer.publicKey;
  }

  test("for the key of now, within a minute after its key has turned", async () => {
    connect(true);
    const second = turn();
    office.clock.advance(61_000);
    assert.equal(asked(), 0); // it has not heard of the height
    height = office.height;
    office.clock.advance(61_000);
    await answered(1);
    assert.deepEqual([...file.read()[0]!.key.publicKey], [...second]);
    office.clock.advance(61_000);
    assert.equal(asked(), 1);
  });

  test("for the key of now, where it was off for months and does not know that its key has turned", async () => {
    const second = turn();
    office.clock.advance((365 + 120) * DAY_MS);
    connect(true);
    await answered(1); // the first key is refused
    office.clock.advance(61_000);
    await answered(2);
    assert.deepEqual([...file.read()[0]!.key.publicKey], [...second]);
  });

  test("and says that a key of another suite has none", () => {
    const signer = sm.signer(sm.generateKey());
    const next = { epoch: 2, suite: sm, fromHeight: 1, signer: () => signer };
    keys.learn([...keys.keys, next]);
    connect(true);
    office.clock.advance(61_000);
    assert.equal(asked(), 0);
    assert.equal(warnings.filter((text) => text.includes("another suite")).length, 1);
  });

  test("but not when it is revoked, and asks again without hurry", async () => {
    const before = serialNow();
    office.clock.advance(400 * DAY_MS);
    await office.authority.revoke(before, "keyCompromise", "bob");
    connect(true);
    await answered(1);
    assert.equal(serialNow(), before);
    office.clock.advance(61_000);
    assert.equal(asked(), 2);
    await answered(2);
  });

  test("and takes no certificate of another key, another root, or one that ends sooner", async () => {
    const before = serialNow();
    const other = new Office();
    await other.start();
    const [foreign] = await other.enrol("gateway-7", device);
    const stranger = office.builder.newKey("stranger");
    const [theirs] = await office.enrol("gateway-8", stranger);
    const { all } = office.authority.authorities;
    const issuer = all[0]!.certificate.encoded;
    const { hub } = office.builder;
    const same = file.read()[0]!.encoded;
    const wrongs = [
      [foreign!.encoded, other.authority.authorities.all[0]!.certificate.encoded],
      [theirs!.encoded, issuer],
      [same, issuer],
    ];
    for (const certificates of wrongs) {
      const answer = { serial: before, code: undefined, detail: "", certificates };
      bus.publish(topics.renewal("test", device.id, hub.id), encodeRenewalAnswer(answer));
      assert.equal(serialNow(), before);
    }
    await other.stop();
  });
});
