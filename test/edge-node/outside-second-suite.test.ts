import assert from "node:assert/strict";
import { test } from "node:test";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { registerSuite } from "@gridledger/protocol/crypto/suites";
import type { Fault, FaultCode } from "@gridledger/protocol/faults";
import { encodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import { keyAt } from "@gridledger/protocol/ledger/identity-keys";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { identities } from "@gridledger/protocol/ledger/state";
import { missingSuite } from "../../edge-node/src/engine/suite-guard.ts";
import { suitePackage } from "../crypto/fixtures/outside-suite/index.ts";
import { KeyChain, laterKey } from "./key-chain.ts";
import { Meter, network, type Person, sign, suite } from "./support.ts";

const net = network();
const { chain, devices, operator } = net;
const [device, other] = devices as [Person, Person];
const { packageName } = suitePackage;

function refused(fault: Fault | undefined, code: FaultCode): void {
  assert.equal(fault?.code, code, fault?.message);
}

const taken = (fault: Fault | undefined) => assert.equal(fault, undefined, fault?.message);

test("a suite from outside becomes a channel's second one by vote: its keys rotate in, sign beside the first, and enrol", () => {
  const keys = new KeyChain(net);
  const outside = registerSuite(suitePackage);
  const key = laterKey(outside);
  refused(keys.block(keys.rotation(device, key, { fromHeight: 12 })), "SUITE_INACTIVE");

  keys.voteSuite(outside.id, packageName);
  const at = { state: keys.view, height: keys.height };
  assert.equal(missingSuite(chain, at), undefined, "the package is here");
  taken(keys.block(keys.rotation(device, key, { fromHeight: 12 })));
  keys.upTo(11);

  const [own, meter] = ["m1", "m2"].map((name) => new Meter(chain, device, name)) as [Meter, Meter];
  const theirs = new Meter(chain, other, "m3");
  refused(keys.block(keys.batch(device, own)), "KEY_EPOCH");
  const spoiled = Buffer.from(keys.batch(device, own, key));
  spoiled[spoiled.length - 1]! ^= 1;
  refused(keys.block(spoiled), "SIGNATURE_INVALID");
  // One block with signatures of two suites.
  taken(keys.block(keys.batch(device, own, key), keys.batch(other, theirs)));
  taken(keys.block(keys.batch(device, meter, key)));
  const { epoch, suiteId } = keyAt(chain, keys.view.get(identities, device.id)!, keys.height);
  assert.deepEqual([epoch, suiteId], [2, outside.id]);

  const { signer } = laterKey(outside);
  const newcomer: Person = {
    pkcs8: Buffer.alloc(0),
    signer,
    id: identityId(suite.hash, signer.publicKey),
  };
  const identity = {
    role: "device",
    publicKey: signer.publicKey,
    name: "n",
    suiteId: outside.id,
  } as const;
  taken(keys.block(sign(chain, operator, encodeIdentity(identity), { kind: kind.enrolment })));
  const first = new Meter(chain, newcomer, "m4");
  taken(keys.block(keys.batch(newcomer, first, { suite: outside, signer })));
});
