import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { encodeRenewalAnswer } from "@gridledger/protocol/messages/renewal";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { topics } from "@gridledger/protocol/topics";
import { CertificateFile } from "../../firmware-bridge/src/certificate/certificate-file.ts";
import { CertificateKeeper } from "../../firmware-bridge/src/certificate/certificate-keeper.ts";
import { RenewalListener } from "../../hub/src/ca/renewal-listener.ts";
import { DAY_MS, Office } from "../ca/office.ts";
import type { Key } from "../support/chain-builder.ts";
import { MemoryBus } from "../support/memory-bus.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };

describe("a gateway keeps its certificate", () => {
  let office: Office;
  let device: Key;
  let file: CertificateFile;
  let bus: MemoryBus;
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
    new CertificateKeeper({ chain, signer: device.signer, uplink, file, clock, log }).start();
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
