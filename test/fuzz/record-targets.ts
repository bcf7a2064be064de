import { parseRpcUsers } from "@gridledger/protocol/access/rpc-users";
import {
  decodeSignInProof,
  encodeSignInProof,
  verifySignInProof,
} from "@gridledger/protocol/access/sign-in-proof";
import {
  decodeCommitteeParameters,
  encodeCommitteeParameters,
} from "@gridledger/protocol/committee/parameters";
import {
  decodeBreakGlass,
  encodeBreakGlass,
  encodeOrder,
} from "@gridledger/protocol/governance/break-glass";
import { formatKeyTurns, parseKeyTurns } from "@gridledger/protocol/keys/key-turns";
import {
  decodeCertificateRecords,
  encodeCertificateRecords,
} from "@gridledger/protocol/ledger/certificate-record";
import {
  decodeLedgerIdentity,
  encodeLedgerIdentity,
} from "@gridledger/protocol/ledger/identity-keys";
import {
  decodeKeyRotation,
  encodeKeyRotation,
  proveRotation,
} from "@gridledger/protocol/ledger/key-rotation";
import {
  decodeRecoveryRecord,
  encodeRecoveryRecord,
} from "@gridledger/protocol/ledger/recovery-record";
import {
  decodeWorkParameters,
  encodeWork,
  encodeWorkParameters,
  readWork,
} from "@gridledger/protocol/ledger/work";
import { decodeCrlNotice, encodeCrlNotice } from "@gridledger/protocol/messages/crl-notice";
import {
  decodeGetMinedBlocks,
  encodeGetMinedBlocks,
} from "@gridledger/protocol/messages/get-mined-blocks";
import { decodeMinedBlock, encodeMinedBlock } from "@gridledger/protocol/messages/mined-block";
import {
  decodeRenewal,
  decodeRenewalAnswer,
  encodeRenewal,
  encodeRenewalAnswer,
} from "@gridledger/protocol/messages/renewal";
import {
  decodeRenewalRequest,
  encodeRenewalRequest,
} from "@gridledger/protocol/pki/renewal-request";
import { recode } from "./cbor-tree.ts";
import { blockHash, encodedHeader, header, txHashes } from "./chain-samples.ts";
import { chainId, fixedSigner, suite } from "./fixed-signer.ts";
import type { Target } from "./fuzz.ts";
import { encodedCertificate, encodedCrl, request } from "./pki-targets.ts";

/** Made once: a multiplication on the curve for each input would take most of the time. */
const signerKey = fixedSigner(6).publicKey;

const identityId = new Uint8Array(10).fill(1);
const signature = new Uint8Array(64).fill(2);
const serial = "00c0ffee";
const renewal = encodeRenewalRequest(suite, fixedSigner(6), chainId, { serial, request });
const records = encodeCertificateRecords([
  {
    ...{ action: "revoked", identityId, certificateKey: blockHash, fingerprint: blockHash },
    reason: "keyCompromise",
  },
]);
const issued = encodeCertificateRecords([
  {
    ...{ action: "issued", identityId, certificateKey: blockHash, fingerprint: blockHash },
    ...{ reason: "unspecified", authorityKey: blockHash },
  },
]);
const parameters = {
  ...{ firstDifficulty: 4_096, minDifficulty: 16, intervalMs: 1_000 },
  ...{ window: 16, finalityDepth: 6 },
};
const work = { difficulty: 4_096, nextDifficulty: 4_100, quiet: 0, nonce: new Uint8Array(8) };
const rpcUsers = {
  format: "gridledger-rpc-users/1",
  users: [
    {
      ...{ name: "operator", passwordHash: "$argon2id$v=19$m=65536", methods: ["eth_*"] },
      tokens: [{ id: "t1", hash: "ab".repeat(32), methods: ["*"], expiresAtMs: 1 }],
    },
  ],
};

const order = encodeOrder({
  ...{ chainId, height: 70, headHash: blockHash, reason: "the quorum is lost", timeMs: 1 },
  validators: [{ publicKey: signerKey, name: "validator-9" }],
});

const key = fixedSigner(3).publicKey;
const recovery = { publicKey: key, recipientKey: fixedSigner(4).publicKey };
const kept = {
  ...{ action: "kept" as const, publicKey: key, commitments: [key, key] },
  custodians: [{ id: identityId, organisation: "north" }],
};

const terms = {
  ...{ identityId, module: "gateway-7", scheme: "international-sign" },
  ...{ epoch: 2, suiteId: 1, fromHeight: 70 },
};
const rotation = proveRotation(chainId, fixedSigner(5), terms);
const first = { epoch: 1, suiteId: 1, publicKey: key, fromHeight: 0 };
const turned = {
  ...{ role: "device" as const, publicKey: key, name: "gateway" },
  turn: { current: first, next: { ...first, epoch: 2, fromHeight: 70 } },
};

const ledger = (file: string, name: string): string => `protocol/src/ledger/${file}#${name}`;
const message = (file: string, name: string): string => `protocol/src/messages/${file}#${name}`;

/** Certificates that change, blocks of `pow`, and the users of a node's RPC. */
export const recordTargets: Readonly<Record<string, Target>> = {
  certificateRecords: {
    covers: ["protocol/src/ledger/certificate-record#decodeCertificateRecords"],
    samples: [records, issued],
    run: (bytes) => encodeCertificateRecords(decodeCertificateRecords(bytes)),
  },
  recoveryRecords: {
    covers: [ledger("recovery-record", "decodeRecoveryRecord")],
    samples: [kept, { ...recovery, action: "approved" as const }].map(encodeRecoveryRecord),
    run: (bytes) => encodeRecoveryRecord(decodeRecoveryRecord(bytes)),
  },
  keyRotation: {
    covers: [ledger("key-rotation", "decodeKeyRotation")],
    samples: [encodeKeyRotation(rotation)],
    run: (bytes) => encodeKeyRotation(decodeKeyRotation(bytes)),
  },
  ledgerIdentity: {
    covers: ["decodeLedgerIdentity", "readKey"].map((name) => ledger("identity-keys", name)),
    samples: [turned, { ...turned, suiteId: 2 }].map(encodeLedgerIdentity),
    run: (bytes) => encodeLedgerIdentity(decodeLedgerIdentity(bytes)),
  },
  crlNotice: {
    covers: [message("crl-notice", "decodeCrlNotice")],
    samples: [
      encodeCrlNotice({
        ...{ authorityId: identityId, number: 7, nextUpdateMs: 9, hash: blockHash },
        crl: encodedCrl,
      }),
    ],
    run: (bytes) => encodeCrlNotice(decodeCrlNotice(bytes)),
  },
  renewal: {
    covers: [message("renewal", "decodeRenewal")],
    samples: [encodeRenewal(renewal)],
    run: (bytes) => encodeRenewal(decodeRenewal(bytes)),
  },
  renewalAnswer: {
    covers: [message("renewal", "decodeRenewalAnswer")],
    samples: [
      encodeRenewalAnswer({
        ...{ serial, code: undefined, detail: "" },
        certificates: [encodedCertificate],
      }),
      encodeRenewalAnswer({ serial, code: "METER_OWNED", detail: "m1", certificates: [] }),
    ],
    run: (bytes) => {
      decodeRenewalAnswer(bytes);
      return recode(bytes);
    },
  },
  renewalRequest: {
    covers: ["protocol/src/pki/renewal-request#decodeRenewalRequest"],
    samples: [renewal],
    run: (bytes) => {
      decodeRenewalRequest(bytes);
      return recode(bytes);
    },
  },
  getMinedBlocks: {
    covers: [message("get-mined-blocks", "decodeGetMinedBlocks")],
    samples: [encodeGetMinedBlocks({ to: 2, blockHash, aboveHeight: 70 })],
    run: (bytes) => encodeGetMinedBlocks(decodeGetMinedBlocks(bytes)),
  },
  minedBlock: {
    covers: [message("mined-block", "decodeMinedBlock")],
    samples: [encodeMinedBlock({ encodedHeader, signature, txHashes })],
    run: (bytes) => encodeMinedBlock(decodeMinedBlock(bytes)),
  },
  breakGlass: {
    covers: ["protocol/src/governance/break-glass#decodeBreakGlass"],
    samples: [encodeBreakGlass(order, [{ publicKey: fixedSigner(5).publicKey, signature }])],
    run: (bytes) => {
      const { encodedOrder, order: read, signatures } = decodeBreakGlass(bytes);
      if (Buffer.compare(encodeOrder(read), encodedOrder) !== 0) throw new Error("another order");
      return encodeBreakGlass(encodedOrder, signatures);
    },
  },
  workParameters: {
    covers: ["protocol/src/ledger/work#decodeWorkParameters"],
    samples: [encodeWorkParameters(parameters)],
    run: (bytes) => encodeWorkParameters(decodeWorkParameters(bytes)),
  },
  committeeParameters: {
    covers: ["protocol/src/committee/parameters#decodeCommitteeParameters"],
    samples: [encodeCommitteeParameters({ seats: 7, epochBlocks: 200 })],
    run: (bytes) => encodeCommitteeParameters(decodeCommitteeParameters(bytes)),
  },
  work: {
    covers: ["protocol/src/ledger/work#readWork"],
    samples: [encodeWork(work)],
    run: (bytes) => encodeWork(readWork({ ...header, engineData: bytes })),
  },
  signInProof: {
    covers: ["protocol/src/access/sign-in-proof#decodeSignInProof"],
    samples: [
      encodeSignInProof(suite, fixedSigner(6), chainId, { challenge: blockHash, hub: identityId }),
    ],
    run: (bytes) => {
      verifySignInProof(suite, signerKey, chainId, decodeSignInProof(bytes));
      return recode(bytes);
    },
  },
  keyTurns: {
    covers: ["protocol/src/keys/key-turns#parseKeyTurns"],
    samples: [Buffer.from(formatKeyTurns([{ epoch: 2, fromHeight: 70 }]))],
    run: (bytes) => {
      parseKeyTurns(Buffer.from(bytes).toString("utf8"));
      return undefined;
    },
  },
  rpcUsers: {
    covers: ["protocol/src/access/rpc-users#parseRpcUsers"],
    samples: [Buffer.from(JSON.stringify(rpcUsers))],
    run: (bytes) => {
      parseRpcUsers(Buffer.from(bytes).toString("utf8"));
      return undefined;
    },
  },
};
