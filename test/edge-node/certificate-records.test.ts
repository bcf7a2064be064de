import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import {
  type CertificateRecord,
  encodeCertificateRecords,
} from "@gridledger/protocol/ledger/certificate-record";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { revokedCertificates, standings } from "@gridledger/protocol/ledger/standing";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { enrol, Meter, network, type Person, person, sign, suite } from "./support.ts";

const net = network();
const { chain, devices, operator, organisations, validators, hub } = net;
const [device, other] = devices as [Person, Person];

let serial = 0;
function record(who: Person, change: Partial<CertificateRecord> = {}): CertificateRecord {
  return {
    action: "issued",
    identityId: who.id,
    certificateKey: suite.hash(Buffer.from(`certificate ${serial++}`)),
    fingerprint: suite.hash(Buffer.from("fingerprint")),
    reason: "unspecified",
    ...change,
  };
}

function said(by: Person, ...records: CertificateRecord[]): Uint8Array {
  const nonce = Uint8Array.of(serial++ & 0xff);
  return sign(chain, by, encodeCertificateRecords(records), { kind: kind.certificates, nonce });
}

const revoked = (who: Person) => record(who, { action: "revoked", reason: "keyCompromise" });

/** One block a list, on top of each other: the tree, or the first fault. */
function run(...blocks: (readonly Uint8Array[])[]): StateTree | Fault {
  let tree = genesisState(chain);
  for (const [index, encoded] of blocks.entries()) {
    const transactions = encoded.map((bytes) => new PreparedTransaction(chain, bytes));
    const parentHash = new Uint8Array(32);
    const at = { height: index + 1, timeMs: Date.UTC(2030, 0, 1), parentHash };
    const outcome = executeBlock({ chain, recent: new Set<string>() }, tree, at, transactions);
    if (outcome instanceof Fault) return outcome;
    tree = outcome.tree;
  }
  return tree;
}

function refuses(code: FaultCode, ...blocks: (readonly Uint8Array[])[]): void {
  const outcome = run(...blocks);
  assert.ok(outcome instanceof Fault, "it was executed");
  assert.equal(outcome.code, code, outcome.message);
}

function takes(...blocks: (readonly Uint8Array[])[]): StateView {
  const outcome = run(...blocks);
  if (outcome instanceof Fault) throw outcome;
  return new StateView(outcome);
}

describe("certificates on the chain", () => {
  it("the state holds fingerprint, height and recorder of an identity's certificate", () => {
    const entry = record(device);
    const standing = takes([], [said(operator, entry)]).get(standings, device.id);
    assert.deepEqual(standing, {
      isRevoked: false,
      fingerprint: Uint8Array.from(entry.fingerprint),
      recorderId: Uint8Array.from(operator.id),
      reason: "unspecified",
      height: 2,
    });
  });

  it("nothing of a revoked identity is taken from its block on, and others go on", () => {
    const meter = new Meter(chain, device, "m1");
    const before = [meter.next(), said(operator, revoked(device))];
    refuses("IDENTITY_REVOKED", before, [meter.next()]);
    takes(before, [new Meter(chain, other, "m2").next()]);
  });

  it("a revoked operator enrols nobody, and says nothing of certificates", () => {
    const second = person();
    const setup = [enrol(chain, operator, second, { role: "operator" })];
    const out = [said(operator, revoked(second))];
    refuses("IDENTITY_REVOKED", setup, out, [enrol(chain, second, person())]);
    refuses("IDENTITY_REVOKED", setup, out, [said(second, record(device))]);
  });

  it("a revoked identity gets no certificate and is not enrolled again", () => {
    const out = [said(operator, revoked(device))];
    refuses("IDENTITY_REVOKED", out, [said(operator, record(device))]);
    refuses("IDENTITY_REVOKED", out, [said(operator, revoked(device))]);
    refuses("IDENTITY_EXISTS", out, [enrol(chain, operator, device)]);
  });

  it("a validator is voted out before it can be revoked", () => {
    refuses("REVOCATION_VALIDATOR", [said(operator, revoked(validators[0]!))]);
    takes([said(operator, record(validators[0]!))]);
  });

  it("an authority falls with all that stands by it, from one block on; seats and operators stand", () => {
    const [authorityKey, another] = ["one", "two"].map((name) => suite.hash(Buffer.from(name)));
    const by = (who: Person, change = {}) => record(who, { authorityKey, ...change });
    const certified = [said(operator, by(device), by(operator), by(validators[0]!))];
    const closing = record(organisations[0]!, {
      ...{ action: "closed", certificateKey: authorityKey!, reason: "authorityCompromise" },
    });
    const closed = [said(operator, closing)];
    const reading = () => [new Meter(chain, device, "m1").next()];
    takes(certified, closed, [new Meter(chain, other, "m2").next()]);
    refuses("IDENTITY_REVOKED", certified, closed, reading());
    refuses("IDENTITY_REVOKED", certified, [...closed, ...reading()]);
    takes(certified, reading(), closed);
    const renewed = (key: Uint8Array | undefined) =>
      said(operator, by(device, { action: "renewed", authorityKey: key }));
    refuses("CERTIFICATE_RECORD", certified, closed, [renewed(authorityKey)]);
    takes(certified, closed, [renewed(another)], reading());
    refuses("CERTIFICATE_RECORD", certified, closed, [said(operator, closing)]);
    refuses("CERTIFICATE_RECORD", [said(organisations[1]!, closing)]);
  });

  it("an operator cannot revoke itself and lock everybody out", () => {
    refuses("CERTIFICATE_RECORD", [said(operator, revoked(operator))]);
  });

  it("only operators and organisations record certificates", () => {
    for (const who of [device, hub, validators[0]!]) {
      refuses("SENDER_ROLE", [said(who, record(other))]);
    }
  });

  it("an organisation speaks for its own devices only", () => {
    const [ours, theirs] = organisations as [Person, Person];
    takes([said(ours, record(device))], [said(ours, revoked(device))]);
    refuses("CERTIFICATE_RECORD", [said(ours, record(device))], [said(theirs, revoked(device))]);
    refuses("CERTIFICATE_RECORD", [said(ours, record(operator))]);
    refuses("CERTIFICATE_RECORD", [said(ours, revoked(hub))]);
    takes([said(ours, record(device))], [said(operator, revoked(device))]);
  });

  it("an identity is issued once and renewed after", () => {
    const first = [said(operator, record(device))];
    refuses("CERTIFICATE_RECORD", first, [said(operator, record(device))]);
    refuses("CERTIFICATE_RECORD", [said(operator, record(device, { action: "renewed" }))]);
    takes(first, [said(operator, record(device, { action: "renewed" }))]);
    refuses("CERTIFICATE_RECORD", [said(operator, record(person()))]);
  });

  it("one certificate is withdrawn without its identity", () => {
    const entry = record(device, { action: "withdrawn", reason: "superseded" });
    const block = [said(operator, entry)];
    const state = takes(block, [new Meter(chain, device, "m1").next()]);
    assert.equal(state.get(revokedCertificates, entry.certificateKey), 1);
    refuses("CERTIFICATE_RECORD", block, [
      said(operator, { ...entry, action: "renewed", reason: "unspecified" }),
    ]);
  });

  it("a payload that names an identity twice, an unknown action or a reason out of place is refused", () => {
    const twice = said(operator, record(device), record(device));
    const misplaced = said(operator, record(device, { reason: "keyCompromise" }));
    const none = said(operator);
    for (const encoded of [twice, misplaced, none]) {
      assert.throws(() => new PreparedTransaction(chain, encoded), { code: "CBOR_SHAPE" });
    }
  });
});
