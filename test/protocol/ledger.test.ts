import assert from "node:assert/strict";
import { test } from "node:test";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { international as suite } from "@gridledger/protocol/crypto/international";
import { Fault } from "@gridledger/protocol/faults";
import { decodeBlock, encodeBlock } from "@gridledger/protocol/ledger/block";
import { decodeGenesis, encodeGenesis, type Genesis } from "@gridledger/protocol/ledger/genesis";
import {
  decodeHeader,
  encodeHeader,
  type Header,
  plainHeader,
} from "@gridledger/protocol/ledger/header";
import { type Seal, verifySeal } from "@gridledger/protocol/ledger/seal";
import {
  decodeTransaction,
  signTransaction,
  verifyTransaction,
} from "@gridledger/protocol/ledger/transaction";
import { faultTolerance, quorum } from "@gridledger/protocol/ledger/validators";
import { votePreimage, voteType } from "@gridledger/protocol/ledger/vote";
import fc from "fast-check";

const signers = Array.from({ length: 4 }, () => suite.signer(suite.generateKey()));
const device = suite.signer(suite.generateKey());
const genesis: Genesis = {
  channel: "main",
  suite: "international",
  engine: "poa",
  createdMs: 1_790_000_000_000,
  policy: {
    minBlockIntervalMs: 200,
    maxBatchDelayMs: 500,
    maxBlockBytes: 1_048_576,
    maxBlockTransactions: 2_000,
    maxTransactionBytes: 65_536,
  },
  identities: [
    ...signers.map(({ publicKey }, i) => ({
      role: "validator" as const,
      publicKey,
      name: `v${i}`,
    })),
    { role: "device", publicKey: device.publicKey, name: "bridge" },
  ],
};
const chain = decodeGenesis(encodeGenesis(genesis));
const bySet = chain.validators.map(
  (validator) =>
    signers.find(({ publicKey }) => Buffer.compare(publicKey, validator.publicKey) === 0)!,
);

function refusedWith(code: string, action: () => unknown, why: string): void {
  assert.throws(action, (fault) => fault instanceof Fault && fault.code === code, why);
}

function signed(
  payload = new CborWriter().text("x").finish(),
  chainId = chain.chainId,
): Uint8Array {
  const body = { kind: 1, validUntilHeight: 9, nonce: new Uint8Array(), payload };
  return signTransaction(suite, device, chainId, body);
}

test("quorum and fault tolerance are those of the protocol's table", () => {
  const table = [1, 2, 3, 4, 5, 6, 7, 10, 16, 32].map((n) => [n, faultTolerance(n), quorum(n)]);
  assert.deepEqual(table, [
    [1, 0, 1],
    [2, 0, 2],
    [3, 0, 2],
    [4, 1, 3],
    [5, 1, 4],
    [6, 1, 4],
    [7, 2, 5],
    [10, 3, 7],
    [16, 5, 11],
    [32, 10, 22],
  ]);
});

test("a transaction keeps its bytes, and verifies for its sender and its chain only", () => {
  const transaction = decodeTransaction(suite, signed());
  const sender = identityId(suite.hash, device.publicKey);
  assert.deepEqual(Buffer.from(transaction.sender), Buffer.from(sender));
  assert.ok(verifyTransaction(suite, device.publicKey, chain.chainId, transaction));
  assert.ok(!verifyTransaction(suite, signers[0]!.publicKey, chain.chainId, transaction));
  assert.ok(!verifyTransaction(suite, device.publicKey, new Uint8Array(32), transaction));
});

test("property: a transaction with any byte changed is refused or does not verify", () => {
  const bytes = signed();
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Uint8Array.from(bytes);
      changed[at] = changed[at]! ^ flip;
      try {
        const transaction = decodeTransaction(suite, changed);
        assert.ok(!verifyTransaction(suite, device.publicKey, chain.chainId, transaction));
      } catch (thrown) {
        assert.ok(thrown instanceof Fault, `${thrown}`);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a transaction larger than the channel allows is refused before it is read", () => {
  refusedWith("TX_TOO_LARGE", () => decodeTransaction(suite, signed(), 50), "50 bytes");
});

test("a genesis gives the validators in the order of their keys, and its hash is the chain id", () => {
  const keys = chain.validators.map(({ publicKey }) => Buffer.from(publicKey));
  assert.deepEqual(keys, [...keys].sort(Buffer.compare));
  assert.deepEqual(chain.chainId, suite.hash(encodeGenesis(genesis)));
});

test("a genesis that could not run is refused with a reason", () => {
  const identities = genesis.identities;
  const wrong: [string, Partial<Genesis>][] = [
    ["no validator", { identities: identities.slice(4) }],
    ["a key twice", { identities: [...identities, identities[0]!] }],
    ["a channel name that is no topic level", { channel: "Main/1" }],
  ];
  for (const [why, change] of wrong) {
    const encoded = encodeGenesis({ ...genesis, ...change });
    refusedWith("GENESIS_INVALID", () => decodeGenesis(encoded), why);
  }
  const offCurve = { role: "device" as const, publicKey: Buffer.alloc(33, 5), name: "x" };
  const encoded = encodeGenesis({ ...genesis, identities: [...identities, offCurve] });
  refusedWith("KEY_INVALID", () => decodeGenesis(encoded), "a key off the curve");
  for (let length = 0; length < 60; length++) {
    refusedWith(
      "GENESIS_INVALID",
      () => decodeGenesis(chain.encoded.subarray(0, length)),
      "cut short",
    );
  }
});

const header: Header = {
  height: 1,
  timeMs: 1_790_000_000_500,
  parentHash: chain.chainId,
  txRoot: new Uint8Array(32).fill(1),
  stateRoot: new Uint8Array(32).fill(2),
  validatorsHash: chain.validatorsHash,
  nextValidatorsHash: chain.validatorsHash,
  proposer: 1,
  round: 0,
  txCount: 1,
  ...plainHeader,
};

function sealOf(blockHash: Uint8Array, who: readonly number[], round = 0): Seal {
  const place = { chainId: chain.chainId, validatorsHash: chain.validatorsHash, height: 1, round };
  const preimage = votePreimage(voteType.commit, place, blockHash);
  return {
    round,
    signatures: who.map((signer) => ({ signer, signature: bySet[signer]!.sign(preimage) })),
  };
}

test("a block keeps header and transactions as the bytes that were hashed", () => {
  const encodedHeader = encodeHeader(header);
  const transactions = [signed()];
  const block = decodeBlock(
    encodeBlock(encodedHeader, sealOf(suite.hash(encodedHeader), [0, 1, 2]), transactions),
  );
  assert.deepEqual(Buffer.from(block.encodedHeader), Buffer.from(encodedHeader));
  assert.deepEqual(block.transactions.map(Buffer.from), transactions.map(Buffer.from));
  assert.deepEqual(encodeHeader(decodeHeader(encodedHeader)), encodedHeader);
});

test("a seal is a quorum of different validators over this block, height, round and chain", () => {
  const blockHash = suite.hash(encodeHeader(header));
  const place = { chainId: chain.chainId, validatorsHash: chain.validatorsHash, height: 1 };
  const verify = (seal: Seal, at = place, hash = blockHash) =>
    verifySeal(suite, chain.validators, at, hash, seal);
  const good = sealOf(blockHash, [0, 2, 3]);
  verify(good);
  refusedWith("SEAL_INVALID", () => verify(sealOf(blockHash, [0, 2])), "two of four");
  refusedWith("SEAL_INVALID", () => verify({ ...good, round: 1 }), "another round");
  refusedWith("SEAL_INVALID", () => verify(good, { ...place, height: 2 }), "another height");
  refusedWith(
    "SEAL_INVALID",
    () => verify(good, { ...place, chainId: new Uint8Array(32) }),
    "another chain",
  );
  refusedWith("SEAL_INVALID", () => verify(good, place, new Uint8Array(32)), "another block");
  const swapped = good.signatures.map((entry, i) => ({ ...entry, signer: [0, 1, 3][i]! }));
  refusedWith(
    "SEAL_INVALID",
    () => verify({ round: 0, signatures: swapped }),
    "another's signature",
  );
});

test("one validator's signature cannot stand twice in a seal", () => {
  const encodedHeader = encodeHeader(header);
  const { signatures } = sealOf(suite.hash(encodedHeader), [0, 1]);
  const doubled = { round: 0, signatures: [...signatures, signatures[1]!] };
  refusedWith(
    "SEAL_INVALID",
    () => decodeBlock(encodeBlock(encodedHeader, doubled, [])),
    "1 twice",
  );
});
