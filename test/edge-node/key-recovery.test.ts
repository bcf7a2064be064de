import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { keptKeys } from "@gridledger/protocol/ledger/kept-keys";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  encodeRecoveryRecord,
  type RecoveryRecord,
} from "@gridledger/protocol/ledger/recovery-record";
import { splitNewSecret } from "@gridledger/protocol/recovery/secret-sharing";
import { executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { network, type Person, sign, suite } from "./support.ts";

const net = network({ devices: 3, organisations: 4 });
const { chain, operator } = net;
const [owner, stranger] = net.devices as [Person, Person];
const [north, east, south, west] = net.organisations as [Person, Person, Person, Person];
const sealingKey = () => suite.opener(suite.generateSealingKey()).publicKey;
const key = sealingKey();
const newKey = sealingKey();
const { commitments } = splitNewSecret(2, 3);

const custodians = [
  { id: north.id, organisation: "north" },
  { id: east.id, organisation: "north" },
  { id: south.id, organisation: "south" },
];
const keep = { action: "kept", publicKey: key, commitments, custodians } as const;
const step = (action: "asked" | "approved" | "completed", recipientKey = newKey) =>
  ({ action, publicKey: key, recipientKey }) as const;

type Said = readonly [Person, RecoveryRecord];

/** Each in a block of its own: the state, or the first fault. */
function run(...said: readonly Said[]): StateView | Fault {
  let tree = genesisState(chain);
  for (const [index, [by, record]] of said.entries()) {
    const nonce = Uint8Array.of(index);
    const encoded = sign(chain, by, encodeRecoveryRecord(record), { kind: kind.recovery, nonce });
    const at = { height: index + 1, timeMs: Date.UTC(2030, 0, 1), parentHash: new Uint8Array(32) };
    const transactions = [new PreparedTransaction(chain, encoded)];
    const outcome = executeBlock({ chain, recent: new Set<string>() }, tree, at, transactions);
    if (outcome instanceof Fault) return outcome;
    tree = outcome.tree;
  }
  return new StateView(tree);
}

function takes(...said: readonly Said[]) {
  const outcome = run(...said);
  if (outcome instanceof Fault) throw outcome;
  return outcome.get(keptKeys, key);
}

function refuses(code: FaultCode, ...said: readonly Said[]): void {
  const outcome = run(...said);
  assert.ok(outcome instanceof Fault, "it was executed");
  assert.equal(outcome.code, code, outcome.message);
}

const kept: Said = [owner, keep];
const asked: Said = [operator, step("asked")];

describe("the recovery of an encryption key on the chain", () => {
  it("records who keeps it, who asked, who approved, and that it is back", () => {
    const before = takes(kept, asked, [north, step("approved")], [south, step("approved")]);
    assert.deepEqual(before?.request?.approvals, [1, 3]);
    assert.deepEqual(Buffer.from(before.request.requesterId), Buffer.from(operator.id));
    assert.equal(before.request.height, 2);
    const after = takes(
      ...([kept, asked, [north, step("approved")], [south, step("approved")]] as Said[]),
      [operator, step("completed")],
    );
    assert.equal(after?.request, undefined);
    assert.deepEqual(Buffer.from(after!.ownerId), Buffer.from(owner.id));
  });

  it("two custodians of one organisation are not enough, and one is not either", () => {
    const ready: Said[] = [kept, asked, [north, step("approved")]];
    refuses("RECOVERY_TOO_FEW", ...ready, [operator, step("completed")]);
    refuses("RECOVERY_TOO_FEW", ...ready, [east, step("approved")], [operator, step("completed")]);
  });

  it("nobody approves their own request, twice, or without being a custodian", () => {
    refuses("RECOVERY_RIGHT", kept, asked, [west, step("approved")]);
    refuses("RECOVERY_RIGHT", kept, asked, [operator, step("approved")]);
    refuses("RECOVERY_REPEATED", kept, asked, [north, step("approved")], [north, step("approved")]);
    const among = [{ id: operator.id, organisation: "south" }, ...custodians];
    const own: Said = [owner, { ...keep, custodians: among }];
    refuses("RECOVERY_RIGHT", own, asked, [operator, step("approved")]);
  });

  it("the owner or an operator asks, and nobody else; only who asked completes it", () => {
    refuses("RECOVERY_RIGHT", kept, [stranger, step("asked")]);
    refuses("RECOVERY_RIGHT", kept, [north, step("asked")]);
    refuses("RECOVERY_REPEATED", kept, asked, asked);
    refuses("RECOVERY_RIGHT", kept, asked, [owner, step("completed")]);
    assert.ok(takes(kept, [owner, step("asked")])?.request);
  });

  it("an approval is for one new key: another request begins without approvals", () => {
    const other = sealingKey();
    refuses("RECOVERY_UNKNOWN", kept, asked, [north, step("approved", other)]);
    const again: Said = [operator, step("asked", other)];
    const renewed = takes(kept, asked, [north, step("approved")], again);
    assert.deepEqual(renewed?.request?.approvals, []);
    refuses("RECOVERY_UNKNOWN", kept, asked, again, [north, step("approved")]);
  });

  it("a key that signs is never kept, nor one twice, nor by custodians who do not do", () => {
    refuses("RECOVERY_SIGNING_KEY", [owner, { ...keep, publicKey: owner.signer.publicKey }]);
    refuses("RECOVERY_SIGNING_KEY", [owner, { ...keep, publicKey: stranger.signer.publicKey }]);
    refuses("RECOVERY_REPEATED", kept, [stranger, keep]);
    refuses("RECOVERY_PLAN", [north, keep]);
    refuses("RECOVERY_PLAN", [owner, { ...keep, custodians: custodians.slice(0, 2) }]);
    refuses("RECOVERY_PLAN", [owner, { ...keep, commitments: commitments.slice(1) }]);
    const unknown = { id: Buffer.alloc(10, 7), organisation: "south" };
    refuses("RECOVERY_PLAN", [owner, { ...keep, custodians: [...custodians, unknown] }]);
  });

  it("nothing is asked of, approved for or completed on a key that nobody keeps", () => {
    refuses("RECOVERY_UNKNOWN", asked);
    refuses("RECOVERY_UNKNOWN", kept, [north, step("approved")]);
    refuses("RECOVERY_UNKNOWN", kept, [operator, step("completed")]);
  });
});
