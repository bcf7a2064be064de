import { encodeBlock } from "@gridledger/protocol/ledger/block";
import { decodeGenesis, encodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { encodeHeader, type Header, plainHeader } from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { makeProof } from "@gridledger/protocol/ledger/proof";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { votePreimage, voteType } from "@gridledger/protocol/ledger/vote";
import { leafHash, MerkleTree } from "@gridledger/protocol/merkle/tree";
import { encodeReadingBatch } from "@gridledger/protocol/metering/reading-batch";
import { fixedSigner, suite } from "./fixed-signer.ts";

const [validator, device] = [fixedSigner(0), fixedSigner(1)];
const CREATED_MS = 1_700_000_000_000;

export const encodedGenesis = encodeGenesis({
  ...{ channel: "fuzz", suite: "international", engine: "poa", createdMs: CREATED_MS },
  policy: {
    minBlockIntervalMs: 100,
    maxBatchDelayMs: 50,
    maxBlockBytes: 4_194_304,
    maxBlockTransactions: 4_096,
    maxTransactionBytes: 262_144,
  },
  identities: [
    { role: "validator", publicKey: validator.publicKey, name: "validator-1" },
    { role: "device", publicKey: device.publicKey, name: "gateway-1" },
  ],
});
export const chain = decodeGenesis(encodedGenesis);

export const readingBatch = encodeReadingBatch({
  ...{ meter: "000123456789", sequence: 1, previousHash: new Uint8Array(32) },
  timesMs: [CREATED_MS, CREATED_MS + 900_000, CREATED_MS + 1_800_000],
  registers: [
    { obis: "1-0:1.8.0", unit: "Wh", scaler: 0, values: [1_000, null, 1_007] },
    { obis: "1-0:32.7.0", unit: "V", scaler: -1, values: [2_301, 2_299, 2_310] },
  ],
});

export const transaction = signTransaction(suite, device, chain.chainId, {
  ...{ kind: kind.readings, validUntilHeight: 100, nonce: new Uint8Array(0) },
  payload: readingBatch,
});

const other = signTransaction(suite, device, chain.chainId, {
  ...{ kind: kind.readings, validUntilHeight: 90, nonce: Uint8Array.of(1, 2) },
  payload: readingBatch,
});

export const txHashes = [transaction, other].map((body) => leafHash(suite.hash, body));
const tree = new MerkleTree(suite.hash, txHashes);

export const header: Header = {
  height: 1,
  timeMs: CREATED_MS + 1_000,
  parentHash: chain.chainId,
  txRoot: tree.root,
  stateRoot: new Uint8Array(32).fill(3),
  validatorsHash: chain.validatorsHash,
  nextValidatorsHash: chain.validatorsHash,
  proposer: 0,
  round: 0,
  txCount: txHashes.length,
  ...plainHeader,
};
export const encodedHeader = encodeHeader(header);
export const blockHash = suite.hash(encodedHeader);

function sealAt(round: number, type: number) {
  const place = { chainId: chain.chainId, validatorsHash: chain.validatorsHash, height: 1, round };
  const signature = validator.sign(votePreimage(type, place, blockHash));
  return { round, signatures: [{ signer: 0, signature }] };
}
export const seal = sealAt(0, voteType.commit);
export const prepared = { blockHash, seal: sealAt(0, voteType.prepare) };
export const path = tree.path(0);
export const block = encodeBlock(encodedHeader, seal, [transaction, other]);
export const handover = { encodedHeader, seal, publicKeys: [device.publicKey] };
export const proof = makeProof(chain, {
  ...{ encodedHeader, seal, index: 0, path, transaction },
  reading: { meter: "000123456789", timeMs: CREATED_MS },
});
