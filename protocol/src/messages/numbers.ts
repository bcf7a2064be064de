/**
 * Message types on the wire: the second item of every message, `[version, type, …]`. One message is
 * one file in this folder. Numbers are never reused; 1–4 are also signed (`ledger/vote`).
 */
export const messageType = {
  proposal: 1,
  prepare: 2,
  commit: 3,
  roundChange: 4,
  decide: 5,
  certificate: 6,
  status: 7,
  getBlocks: 8,
  blocks: 9,
  getTransactions: 10,
  transactions: 11,
  evidence: 12,
  receipt: 13,
  refusal: 14,
  telemetry: 15,
  snapshot: 16,
  getSnapshot: 17,
  crlNotice: 18,
  minedBlock: 20,
  archive: 21,
  contractEvents: 22,
  renewal: 23,
  renewalAnswer: 24,
  getMinedBlocks: 25,
  contractQuery: 30,
  contractAnswer: 31,
  getContractEvents: 32,
} as const;
