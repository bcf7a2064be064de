import { voteType } from "@gridledger/protocol/ledger/vote";
import { decodeBlocks, encodeBlocks } from "@gridledger/protocol/messages/blocks";
import { decodeCertificate, encodeCertificate } from "@gridledger/protocol/messages/certificate";
import { decodeCommit, encodeCommit } from "@gridledger/protocol/messages/commit";
import {
  encodeConnectToken,
  verifyConnectToken,
} from "@gridledger/protocol/messages/connect-token";
import { decodeDecide, encodeDecide } from "@gridledger/protocol/messages/decide";
import { decodeEvidence, encodeEvidence } from "@gridledger/protocol/messages/evidence";
import { decodeGetBlocks, encodeGetBlocks } from "@gridledger/protocol/messages/get-blocks";
import { decodeGetSnapshot, encodeGetSnapshot } from "@gridledger/protocol/messages/get-snapshot";
import {
  decodeGetTransactions,
  encodeGetTransactions,
} from "@gridledger/protocol/messages/get-transactions";
import { decodePlan, encodePlan } from "@gridledger/protocol/messages/plan";
import { decodePrepare, encodePrepare } from "@gridledger/protocol/messages/prepare";
import {
  decodeProposal,
  encodeJustification,
  encodeProposal,
} from "@gridledger/protocol/messages/proposal";
import { decodeReceipt, encodeReceipt } from "@gridledger/protocol/messages/receipt";
import { decodeRefusal, encodeRefusal } from "@gridledger/protocol/messages/refusal";
import { decodeRoundChange, encodeRoundChange } from "@gridledger/protocol/messages/round-change";
import { decodeSnapshot, encodeSnapshot } from "@gridledger/protocol/messages/snapshot";
import { encodeStatus, verifyStatus } from "@gridledger/protocol/messages/status";
import { decodeTelemetry, encodeTelemetry } from "@gridledger/protocol/messages/telemetry";
import { decodeTransactions, encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { decodeMessage } from "../../edge-node/src/consensus/poa/messages.ts";
import { recode } from "./cbor-tree.ts";
import {
  blockHash,
  encodedHeader,
  handover,
  path,
  prepared,
  seal,
  block as sealedBlock,
  transaction,
  txHashes,
} from "./chain-samples.ts";
import { chainId, fixedSigner, suite } from "./fixed-signer.ts";
import type { Target } from "./fuzz.ts";

const signer = fixedSigner(4);
const signature = new Uint8Array(64).fill(8);
const place = { height: 1, round: 2, from: 0 };
const vote = { ...place, blockHash, signature };
const claim = { round: 0, blockHash };
const justification = { roundChanges: [{ from: 0, prepared: claim, signature }], prepared };
const proposal = { ...place, encodedHeader, txHashes, signature };
const entries = [{ txHash: txHashes[0]!, index: 0, path }];

const message = (name: string, file: string): string => `protocol/src/messages/${file}#${name}`;
const inMessages = [
  message("openMessage", "envelope"),
  message("readPrepared", "certificate"),
  message("readPreparedClaim", "proposal"),
  message("readNamedBlock", "proposal"),
  message("readTxHashes", "proposal"),
  "protocol/src/ledger/vote#readVote",
  "edge-node/src/consensus/poa/messages#decodeMessage",
];

const samples = {
  proposal: [
    encodeProposal({ ...proposal, round: 0, encodedJustification: encodeJustification(null) }),
    encodeProposal({ ...proposal, encodedJustification: encodeJustification(justification) }),
  ],
  prepare: [encodePrepare(vote)],
  commit: [encodeCommit(vote)],
  roundChange: [
    encodeRoundChange({ ...place, prepared: null, block: null, signature }),
    encodeRoundChange({ ...place, prepared, block: { encodedHeader, txHashes }, signature }),
  ],
  certificate: [encodeCertificate({ type: voteType.commit, height: 1, blockHash, seal })],
};

/** The messages of the consensus, at the one door they come in by. */
const consensus: Readonly<Record<string, Target>> = {
  proposal: {
    covers: [message("decodeProposal", "proposal"), ...inMessages],
    samples: samples.proposal,
    run: (bytes) => encodeProposal(decodeProposal(bytes)),
  },
  prepare: {
    covers: [message("decodePrepare", "prepare")],
    samples: samples.prepare,
    run: (bytes) => encodePrepare(decodePrepare(bytes)),
  },
  commit: {
    covers: [message("decodeCommit", "commit")],
    samples: samples.commit,
    run: (bytes) => encodeCommit(decodeCommit(bytes)),
  },
  roundChange: {
    covers: [message("decodeRoundChange", "round-change")],
    samples: samples.roundChange,
    run: (bytes) => encodeRoundChange(decodeRoundChange(bytes)),
  },
  certificate: {
    covers: [message("decodeCertificate", "certificate")],
    samples: samples.certificate,
    run: (bytes) => encodeCertificate(decodeCertificate(bytes)),
  },
  anyConsensus: {
    covers: [],
    samples: Object.values(samples).flat(),
    run: (bytes) => (decodeMessage(bytes) === undefined ? undefined : recode(bytes)),
  },
};

const telemetry = {
  ...{ rssBytes: 60e6, cpuMicros: 5, poolSize: 1, diskBytes: 9, bytesIn: 7, bytesOut: 8 },
  ...{ startedMs: 1_790_000_000_000, alarm: "SIGNING_SUSPENDED" as const },
  ...{ diskFreeBytes: 8, maxDiskBytes: 9, firstHeight: 1, syncFaults: 2 },
  ...{ warning: "DISK_CAP_TIGHT" as const, rejections: [["BLOCK_INVALID", 3]] as const },
};
const status = encodeStatus(suite, signer, chainId, {
  ...{ height: 12, headHash: blockHash, round: 0, bootId: new Uint8Array(8).fill(1) },
  ...{ poolSize: 3, timeMs: 1_790_000_000_000 },
});
const token = encodeConnectToken(suite, signer, chainId, {
  ...{ timeMs: 1_790_000_000_000, nonce: new Uint8Array(16).fill(2) },
});

export const messageTargets: Readonly<Record<string, Target>> = {
  ...consensus,
  decide: {
    covers: [message("decodeDecide", "decide")],
    samples: [encodeDecide({ encodedHeader, seal, txHashes })],
    run: (bytes) => encodeDecide(decodeDecide(bytes)),
  },
  status: {
    covers: [],
    samples: [status],
    run: (bytes) => {
      verifyStatus(suite, signer.publicKey, chainId, bytes);
      return recode(bytes);
    },
  },
  getSnapshot: {
    covers: [message("decodeGetSnapshot", "get-snapshot")],
    samples: [encodeGetSnapshot({ height: 9, depth: 4, index: 11 })],
    run: (bytes) => encodeGetSnapshot(decodeGetSnapshot(bytes)),
  },
  snapshot: {
    covers: [message("decodeSnapshot", "snapshot")],
    samples: [
      encodeSnapshot({
        ...{ form: "part", height: 7, index: 3 },
        entries: [[Uint8Array.of(1), Uint8Array.of(2, 3)]],
      }),
      encodeSnapshot({
        ...{ form: "outline", encodedHeader: blockHash, seal: { round: 1, signatures: [] } },
        ...{ handovers: [], depth: 1 },
        parts: [
          { kind: "leaf", hash: blockHash },
          { kind: "branch", hash: blockHash },
        ],
      }),
    ],
    run: (bytes) => encodeSnapshot(decodeSnapshot(bytes)),
  },
  getBlocks: {
    covers: [message("decodeGetBlocks", "get-blocks")],
    samples: [encodeGetBlocks({ fromHeight: 70_000, maxBlocks: 64 })],
    run: (bytes) => encodeGetBlocks(decodeGetBlocks(bytes)),
  },
  blocks: {
    covers: [message("decodeBlocks", "blocks")],
    samples: [encodeBlocks({ headHeight: 9, more: true, blocks: [sealedBlock, sealedBlock] })],
    run: (bytes) => encodeBlocks(decodeBlocks(bytes)),
  },
  plan: {
    covers: [message("decodePlan", "plan")],
    samples: [
      encodePlan({ height: 9, parentHash: blockHash, timeMs: 1_800_000_000_000, txHashes }),
    ],
    run: (bytes) => encodePlan(decodePlan(bytes)),
  },
  getTransactions: {
    covers: [message("decodeGetTransactions", "get-transactions")],
    samples: [encodeGetTransactions(txHashes)],
    run: (bytes) => encodeGetTransactions(decodeGetTransactions(bytes)),
  },
  transactions: {
    covers: [message("decodeTransactions", "transactions")],
    samples: [encodeTransactions([transaction, Uint8Array.of(1)])],
    run: (bytes) => encodeTransactions(decodeTransactions(bytes)),
  },
  evidence: {
    covers: [message("decodeEvidence", "evidence"), message("decodeJustification", "proposal")],
    samples: [
      encodeEvidence({
        height: 1,
        validator: 0,
        first: { type: voteType.commit, round: 1, blockHash, signature },
        second: { type: voteType.roundChange, round: 2, prepared: null, signature },
      }),
      encodeEvidence({
        ...{ height: 1, validator: 0, justification: encodeJustification(justification) },
        proposal: {
          ...{ type: voteType.proposal, round: 1, blockHash, signature },
          justificationHash: blockHash,
        },
      }),
    ],
    run: (bytes) => encodeEvidence(decodeEvidence(bytes)),
  },
  receipt: {
    covers: [message("decodeReceipt", "receipt")],
    samples: [
      encodeReceipt({ encodedHeader, seal, entries }),
      encodeReceipt({ encodedHeader, seal, entries, handovers: [handover] }),
    ],
    run: (bytes) => encodeReceipt(decodeReceipt(bytes)),
  },
  refusal: {
    covers: [message("decodeRefusal", "refusal")],
    samples: [
      encodeRefusal({ txHash: blockHash, code: "METER_OWNED", detail: "m1", headHeight: 5 }),
    ],
    run: (bytes) => {
      decodeRefusal(bytes);
      return recode(bytes);
    },
  },
  telemetry: {
    covers: [message("decodeTelemetry", "telemetry")],
    samples: [encodeTelemetry(telemetry)],
    run: (bytes) => encodeTelemetry(decodeTelemetry(bytes)),
  },
  connectToken: {
    covers: [],
    samples: [Buffer.from(token)],
    run: (bytes) => {
      const password = Buffer.from(bytes).toString("latin1");
      verifyConnectToken(suite, signer.publicKey, chainId, password);
      return undefined;
    },
  },
};
