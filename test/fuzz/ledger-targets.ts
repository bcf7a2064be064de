import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import { decodeSign1 } from "@gridledger/protocol/cose/sign1";
import { Fault } from "@gridledger/protocol/faults";
import { decodeApproval, encodeApproval } from "@gridledger/protocol/governance/approval";
import { openProposals, scheduledChanges } from "@gridledger/protocol/governance/ballot-tables";
import * as governanceProposal from "@gridledger/protocol/governance/proposal";
import {
  engineTable,
  memberships,
  policyTable,
  suiteTable,
} from "@gridledger/protocol/governance/tables";
import { parseHex } from "@gridledger/protocol/hex";
import { decodeKeyPage, encodeKeyPage } from "@gridledger/protocol/keys/key-page";
import { decodeWrappedKey, encodeWrappedKey } from "@gridledger/protocol/keys/wrapped-key";
import { decodeBlock } from "@gridledger/protocol/ledger/block";
import { decodeIdentity, encodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import { decodeGenesis, encodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { readHandover, writeHandover } from "@gridledger/protocol/ledger/handover";
import { decodeHeader, encodeHeader } from "@gridledger/protocol/ledger/header";
import { verifyProof } from "@gridledger/protocol/ledger/proof";
import { encodeSeal, readSeal } from "@gridledger/protocol/ledger/seal";
import { decodeTransaction } from "@gridledger/protocol/ledger/transaction";
import { missedTurns } from "@gridledger/protocol/ledger/turns";
import { formatObis, parseObis } from "@gridledger/protocol/metering/obis";
import {
  decodeReadingBatch,
  decodeReadingBatchHead,
  encodeReadingBatch,
} from "@gridledger/protocol/metering/reading-batch";
import { parseTopic } from "@gridledger/protocol/topics";
import { recode } from "./cbor-tree.ts";
import * as chainOf from "./chain-samples.ts";
import { fixedSigner, suite } from "./fixed-signer.ts";
import type { Target } from "./fuzz.ts";

const { publicKey } = fixedSigner(2);
const text = (of: string) => Buffer.from(of, "latin1");
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

/** A decoder of a part, for which the reader is made here. */
function whole<T>(read: (reader: CborReader) => T, bytes: Uint8Array): T {
  const reader = new CborReader(bytes);
  const value = read(reader);
  reader.end();
  return value;
}

const identity = { role: "device", publicKey, name: "网关 7" } as const;
const proposal: governanceProposal.Proposal = {
  action: {
    ...{ type: "replace", publicKey, joiningKey: fixedSigner(3).publicKey, name: "validator-9" },
    heartbeat: new Uint8Array(70).fill(5),
  },
  ...{ effectiveAtHeight: 5_000, expiresAtHeight: 4_000, reason: "a worn card" },
};
const removal: governanceProposal.Proposal = {
  action: { type: "remove", publicKey },
  ...{ effectiveAtHeight: 0, expiresAtHeight: 4_000, reason: "" },
};
const approval = { proposalId: new Uint8Array(32).fill(6), heartbeat: new Uint8Array() };
const open = { id: approval.proposalId, proposal, approvals: [publicKey], syncedHeight: 7 };
const keyPage = {
  ...{ module: "ledger", scheme: "p256", epoch: 1, owner: "gateway-7", publicKey },
  ...{ validFromMs: 1, validUntilMs: 2, token: "software", wrapped: new Uint8Array(90).fill(1) },
};
const wrappedKey = {
  cost: { memoryKib: 65_536, passes: 3, lanes: 4 },
  ...{ salt: new Uint8Array(16), nonce: new Uint8Array(12), sealed: new Uint8Array(64) },
};

export const ledgerTargets: Readonly<Record<string, Target>> = {
  cborItem: {
    covers: [],
    samples: [chainOf.encodedGenesis, new CborWriter().array(3).bool(true).null().int(-7).finish()],
    run: (bytes) => {
      whole((reader) => reader.raw("item"), bytes);
      return recode(bytes);
    },
  },
  transaction: {
    covers: ["protocol/src/ledger/transaction#decodeTransaction"],
    samples: [chainOf.transaction],
    run: (bytes) => {
      decodeTransaction(suite, bytes);
      return recode(bytes);
    },
  },
  sign1: {
    covers: ["protocol/src/cose/sign1#decodeSign1"],
    samples: [chainOf.transaction],
    run: (bytes) => {
      decodeSign1(bytes, 262_144);
      return recode(bytes);
    },
  },
  block: {
    covers: ["protocol/src/ledger/block#decodeBlock"],
    samples: [chainOf.block],
    run: (bytes) => {
      decodeBlock(bytes);
      return recode(bytes);
    },
  },
  header: {
    covers: ["protocol/src/ledger/header#decodeHeader"],
    samples: [chainOf.encodedHeader],
    run: (bytes) => encodeHeader(decodeHeader(bytes)),
  },
  seal: {
    covers: ["protocol/src/ledger/seal#readSeal"],
    samples: [encodeSeal(chainOf.seal)],
    run: (bytes) => encodeSeal(whole(readSeal, bytes)),
  },
  handover: {
    covers: ["protocol/src/ledger/handover#readHandover"],
    samples: [writeHandover(new CborWriter(), chainOf.handover).finish()],
    run: (bytes) => writeHandover(new CborWriter(), whole(readHandover, bytes)).finish(),
  },
  genesis: {
    covers: ["protocol/src/ledger/genesis#decodeGenesis"],
    samples: [chainOf.encodedGenesis],
    run: (bytes) => encodeGenesis(decodeGenesis(bytes).genesis),
  },
  identity: {
    covers: [
      "protocol/src/ledger/enrolment#decodeIdentity",
      "protocol/src/ledger/enrolment#readIdentity",
    ],
    samples: [encodeIdentity(identity), encodeIdentity({ ...identity, suiteId: 2 })],
    run: (bytes) => encodeIdentity(decodeIdentity(bytes)),
  },
  proof: {
    covers: [],
    samples: [Buffer.from(JSON.stringify(chainOf.proof))],
    run: (bytes) => {
      verifyProof(chainOf.chain, parseJson(bytes));
      return undefined;
    },
  },
  governanceProposal: {
    covers: [
      "protocol/src/governance/proposal#decodeProposal",
      "protocol/src/governance/actions/table#readAction",
    ],
    samples: [proposal, removal].map(governanceProposal.encodeProposal),
    run: (bytes) => governanceProposal.encodeProposal(governanceProposal.decodeProposal(bytes)),
  },
  approval: {
    covers: ["protocol/src/governance/approval#decodeApproval"],
    samples: [encodeApproval(approval)],
    run: (bytes) => encodeApproval(decodeApproval(bytes)),
  },
  membership: {
    covers: [],
    samples: [
      memberships.encode({ changedAtHeight: 3, validators: [{ publicKey, name: "validator-1" }] }),
    ],
    run: (bytes) => memberships.encode(memberships.decode(bytes)),
  },
  openProposals: {
    covers: [],
    samples: [openProposals.encode([open])],
    run: (bytes) => openProposals.encode(openProposals.decode(bytes)),
  },
  scheduledChanges: {
    covers: [],
    samples: [scheduledChanges.encode([{ id: approval.proposalId, proposal, fromHeight: 5_000 }])],
    run: (bytes) => scheduledChanges.encode(scheduledChanges.decode(bytes)),
  },
  engines: {
    covers: [],
    samples: [
      engineTable.encode([{ fromHeight: 9, engine: "poa", parameters: new Uint8Array(3) }]),
    ],
    run: (bytes) => engineTable.encode(engineTable.decode(bytes)),
  },
  suites: {
    covers: [],
    samples: [suiteTable.encode([{ fromHeight: 9, suiteId: 1, packageName: "" }])],
    run: (bytes) => suiteTable.encode(suiteTable.decode(bytes)),
  },
  policies: {
    covers: [],
    samples: [
      policyTable.encode({
        ...{ membership: "two-thirds", protocol: "majority", data: "unanimous" },
        trust: "two-thirds",
      }),
    ],
    run: (bytes) => {
      policyTable.decode(bytes);
      return undefined;
    },
  },
  missedTurns: {
    covers: [],
    samples: [missedTurns.encode([{ publicKey, misses: 2, passedOverTo: 90 }])],
    run: (bytes) => missedTurns.encode(missedTurns.decode(bytes)),
  },
  readingBatch: {
    covers: [
      "protocol/src/metering/reading-batch#decodeReadingBatch",
      "protocol/src/metering/reading-batch#decodeReadingBatchHead",
    ],
    samples: [chainOf.readingBatch],
    run: (bytes) => {
      const batch = decodeReadingBatch(bytes);
      const head = decodeReadingBatchHead(bytes);
      if (head.sequence !== batch.sequence) throw new Error("the head says something else");
      return encodeReadingBatch(batch);
    },
  },
  keyPage: {
    covers: ["protocol/src/keys/key-page#decodeKeyPage"],
    samples: [encodeKeyPage(keyPage)],
    run: (bytes) => encodeKeyPage(decodeKeyPage(bytes)),
  },
  wrappedKey: {
    covers: ["protocol/src/keys/wrapped-key#decodeWrappedKey"],
    samples: [encodeWrappedKey(wrappedKey)],
    run: (bytes) => recode(encodeWrappedKey(decodeWrappedKey(bytes))),
  },
  topic: {
    covers: ["protocol/src/topics#parseTopic"],
    samples: ["gl/main/c/p/", "gl/main/t/", "gl/main/y/0123456789abcdef0123/"].map((start) =>
      text(`${start}0123456789abcdef0123`),
    ),
    run: (bytes) => {
      parseTopic(textOf(bytes));
      return undefined;
    },
  },
  obis: {
    covers: ["protocol/src/metering/obis#parseObis"],
    samples: [text("1-0:1.8.0"), text("0-1:24.2.1*255")],
    run: (bytes) => {
      formatObis(parseObis(textOf(bytes)));
      return undefined;
    },
  },
  hex: {
    covers: ["protocol/src/hex#parseHex"],
    samples: [text("00ff10")],
    run: (bytes) => {
      parseHex(textOf(bytes));
      return undefined;
    },
  },
};

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new Fault("PROOF_SHAPE", "not JSON", { cause });
  }
}
