import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { sm } from "@gridledger/protocol/crypto/sm";
import type { Fault, FaultCode } from "@gridledger/protocol/faults";
import { encodeCertificateRecords } from "@gridledger/protocol/ledger/certificate-record";
import { encodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import { keyAt } from "@gridledger/protocol/ledger/identity-keys";
import { pastKeys } from "@gridledger/protocol/ledger/key-tables";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { identities } from "@gridledger/protocol/ledger/state";
import { Mempool } from "../../edge-node/src/mempool/mempool.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { KeyChain, type LaterKey, laterKey } from "./key-chain.ts";
import { Meter, network, type Person, sign, suite } from "./support.ts";

const net = network();
const { chain, devices, operator, validators } = net;
const [device, other] = devices as [Person, Person];

function refused(fault: Fault | undefined, code: FaultCode): void {
  assert.equal(fault?.code, code, fault?.message);
}

const taken = (fault: Fault | undefined) => assert.equal(fault, undefined, fault?.message);

/** A chain on which the device's second key signs from height 10 on. */
function rotating(to: LaterKey): KeyChain {
  const keys = new KeyChain(net);
  taken(keys.block(keys.rotation(device, to, { fromHeight: 10 })));
  return keys;
}

describe("a key rotation on the chain", () => {
  it("the old key signs up to the height and the new one from it on, and nothing else does", () => {
    const second = laterKey();
    const keys = rotating(second);
    const meter = new Meter(chain, device, "m1");
    refused(keys.block(keys.batch(device, meter, second)), "KEY_EPOCH");
    taken(keys.block(keys.batch(device, meter)));
    meter.next();
    keys.upTo(8);
    refused(keys.block(keys.batch(device, meter, second)), "KEY_EPOCH");
    taken(keys.block(keys.batch(device, meter)));
    meter.next();
    refused(keys.block(keys.batch(device, meter)), "KEY_EPOCH");
    taken(keys.block(keys.batch(device, meter, second)));
    meter.next();
    refused(keys.block(keys.batch(device, meter, laterKey())), "SIGNATURE_INVALID");
    assert.equal(keys.view.get(identities, device.id)?.publicKey.length, 33);
  });

  it("a meter goes on with its sequence under the same identity, and old keys are kept", () => {
    const [second, third] = [laterKey(), laterKey()];
    const keys = rotating(second);
    keys.upTo(10);
    taken(keys.block(keys.rotation(device, third, { by: second, epoch: 3, fromHeight: 20 })));
    const first = keys.view.get(pastKeys, { identityId: device.id, epoch: 1 });
    assert.deepEqual(Buffer.from(first!.publicKey), Buffer.from(device.signer.publicKey));
    const identity = keys.view.get(identities, device.id)!;
    assert.deepEqual(
      [11, 19, 20].map((height) => keyAt(chain, identity, height).epoch),
      [2, 2, 3],
    );
  });

  it("only the identity's present key rotates, and the new key must have agreed on this channel", () => {
    const keys = new KeyChain(net);
    const second = laterKey();
    const forged = { fromHeight: 10, by: laterKey() };
    refused(keys.block(keys.rotation(device, second, forged)), "SIGNATURE_INVALID");
    const elsewhere = { fromHeight: 10, proofChain: suite.hash(Buffer.from("another")) };
    refused(keys.block(keys.rotation(device, second, elsewhere)), "ROTATION_PROOF");
    const others = { fromHeight: 10, identityId: other.id };
    refused(keys.block(keys.rotation(device, second, others)), "ROTATION_SENDER");
    const [validator] = validators;
    refused(keys.block(keys.rotation(validator!, second, { fromHeight: 10 })), "SENDER_ROLE");
  });

  it("the height lies in a window", () => {
    const keys = new KeyChain(net);
    for (const fromHeight of [0, 1, 8, 8_194]) {
      const tried = keys.rotation(device, laterKey(), { fromHeight });
      refused(keys.block(tried), "ROTATION_HEIGHT");
    }
    taken(keys.block(keys.rotation(device, laterKey(), { fromHeight: 9 })));
  });

  it("a rotation that waits is replaced by the old key alone, and never after its height", () => {
    const [second, third] = [laterKey(), laterKey()];
    const keys = rotating(second);
    const later = { epoch: 3, fromHeight: 40 };
    refused(keys.block(keys.rotation(device, third, { ...later, by: second })), "KEY_EPOCH");
    taken(keys.block(keys.rotation(device, third, later)));
    keys.upTo(12);
    const meter = new Meter(chain, device, "m2");
    refused(keys.block(keys.batch(device, meter, second)), "SIGNATURE_INVALID");
    taken(keys.block(keys.batch(device, meter)));
    // The one that was replaced never counted: it is free again, also for a later time.
    taken(keys.block(keys.rotation(device, second, { epoch: 4, fromHeight: 50 })));
    keys.upTo(50);
    refused(keys.block(keys.rotation(device, third, { epoch: 5, fromHeight: 70 })), "KEY_EPOCH");
  });

  it("a rotation sent again does nothing, and its epoch has come", () => {
    const second = laterKey();
    const keys = new KeyChain(net);
    const rotation = keys.rotation(device, second, { fromHeight: 10 });
    taken(keys.block(rotation));
    refused(keys.block(rotation), "TX_REPLAYED");
    keys.upTo(11);
    const again = { by: second, epoch: 2, fromHeight: 30 };
    refused(keys.block(keys.rotation(device, laterKey(), again)), "ROTATION_EPOCH");
    const far = { by: second, epoch: 19, fromHeight: 30 };
    refused(keys.block(keys.rotation(device, laterKey(), far)), "ROTATION_EPOCH");
  });

  it("a key belongs to one identity: not another's, not an own one of the past", () => {
    const second = laterKey();
    const keys = rotating(second);
    const stolen = { suite, signer: other.signer };
    refused(keys.block(keys.rotation(device, stolen, { fromHeight: 20 })), "ROTATION_KEY");
    refused(keys.block(keys.rotation(other, second, { fromHeight: 20 })), "ROTATION_KEY");
    const payload = encodeIdentity({
      ...{ role: "device", name: "twice", publicKey: second.signer.publicKey },
    });
    refused(
      keys.block(sign(chain, operator, payload, { kind: kind.enrolment })),
      "IDENTITY_EXISTS",
    );
    keys.upTo(11);
    const back = { suite, signer: device.signer };
    const terms = { by: second, epoch: 3, fromHeight: 30 };
    refused(keys.block(keys.rotation(device, back, terms)), "ROTATION_KEY");
    refused(keys.block(keys.rotation(device, second, terms)), "ROTATION_KEY");
  });

  it("a revoked identity cannot rotate, and a rotation that waited saves it from nothing", () => {
    const second = laterKey();
    const keys = rotating(second);
    const hash = suite.hash(Buffer.from("certificate"));
    const revoked = encodeCertificateRecords([
      {
        ...{ action: "revoked", identityId: device.id, reason: "keyCompromise" },
        ...{ certificateKey: hash, fingerprint: hash },
      },
    ]);
    taken(keys.block(sign(chain, operator, revoked, { kind: kind.certificates })));
    const again = keys.rotation(device, laterKey(), { epoch: 3, fromHeight: 20 });
    refused(keys.block(again), "IDENTITY_REVOKED");
    keys.upTo(12);
    const meter = new Meter(chain, device, "m3");
    refused(keys.block(keys.batch(device, meter, second)), "IDENTITY_REVOKED");
  });
});

describe("a second suite that votes have let in", () => {
  it("is refused before its height, for a rotation and for an enrolment", () => {
    const keys = new KeyChain(net);
    const second = laterKey(sm);
    refused(keys.block(keys.rotation(device, second, { fromHeight: 20 })), "SUITE_INACTIVE");
    const identity = { role: "device", name: "sm", publicKey: second.signer.publicKey } as const;
    const enrol = (suiteId: number) =>
      sign(chain, operator, encodeIdentity({ ...identity, suiteId }), { kind: kind.enrolment });
    refused(keys.block(enrol(sm.id)), "SUITE_INACTIVE");
    refused(keys.block(enrol(4_711)), "SUITE_INACTIVE");
    keys.voteSuite(sm.id);
    taken(keys.block(enrol(sm.id)));
  });

  it("signs transactions beside the first in one block: a device rotates to it and goes on", () => {
    const keys = new KeyChain(net);
    keys.voteSuite(sm.id);
    const second = laterKey(sm);
    taken(keys.block(keys.rotation(device, second, { fromHeight: 20 })));
    keys.upTo(19);
    const [meter, beside] = [new Meter(chain, device, "m4"), new Meter(chain, other, "m5")];
    taken(keys.block(keys.batch(device, meter, second), keys.batch(other, beside)));
    meter.next();
    refused(keys.block(keys.batch(device, meter)), "KEY_EPOCH");
    taken(keys.block(keys.batch(device, meter, second)));
  });

  it("takes an identity whose first key is of it, under the channel's own id", () => {
    const keys = new KeyChain(net);
    keys.voteSuite(sm.id);
    const { signer } = laterKey(sm);
    const newcomer = {
      pkcs8: new Uint8Array(),
      signer,
      id: identityId(suite.hash, signer.publicKey),
    };
    const identity = { role: "device", name: "sm", publicKey: signer.publicKey } as const;
    const payload = encodeIdentity({ ...identity, suiteId: sm.id });
    taken(keys.block(sign(chain, operator, payload, { kind: kind.enrolment })));
    const meter = new Meter(chain, newcomer, "m6");
    taken(keys.block(keys.batch(newcomer, meter, { suite: sm, signer })));
  });
});

describe("the mempool around a turn of keys", () => {
  it("a batch signed again with the new key takes the place of the one that counts no more", () => {
    const second = laterKey();
    const keys = rotating(second);
    const meter = new Meter(chain, device, "m7");
    const pool = new Mempool({
      chain,
      head: () => ({
        ...{ height: keys.height, timeMs: 1, hash: new Uint8Array(32), state: keys.view },
      }),
      recent: { has: () => false },
      clock: () => 0,
      now: () => Date.UTC(2030, 0, 1),
    });
    const [old, fresh] = [keys.batch(device, meter), keys.batch(device, meter, second)];
    const add = (encoded: Uint8Array) => pool.add(new PreparedTransaction(chain, encoded));
    taken(add(old));
    refused(add(fresh), "TX_REPLAYED");
    keys.upTo(9);
    taken(add(fresh));
    assert.deepEqual(
      pool.take(1e6, 10).map(({ encoded }) => Buffer.from(encoded)),
      [Buffer.from(fresh)],
    );
    refused(add(old), "TX_REPLAYED");
  });
});
