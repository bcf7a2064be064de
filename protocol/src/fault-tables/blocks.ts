import type { FaultTable } from "./fault-table.ts";

/** Blocks, seals, proofs and genesis. */
export const blocksFaults = {
  BLOCK_INVALID: {
    status: 400,
    en: "The block does not follow from its parent or its content.",
    zh: "区块与其父块或内容不符。",
  },
  SEAL_INVALID: {
    status: 400,
    en: "The block's seal is not a quorum of its validators.",
    zh: "区块封印未达到验证者法定人数。",
  },
  PROOF_INVALID: {
    status: 400,
    en: "The proof does not lead from the data to the sealed header.",
    zh: "证明无法从数据推导到已封印的区块头。",
  },
  PROOF_SHAPE: {
    status: 400,
    en: "The proof file is not well formed.",
    zh: "证明文件格式不正确。",
  },
  GENESIS_INVALID: {
    status: 400,
    en: "The genesis is not well formed.",
    zh: "创世文件格式不正确。",
  },
  CHAIN_MISMATCH: { status: 409, en: "This belongs to another chain.", zh: "该内容属于另一条链。" },
} as const satisfies FaultTable;
