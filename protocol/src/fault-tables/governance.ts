import type { FaultTable } from "./fault-table.ts";

/** Proposals and approvals. */
export const governanceFaults = {
  PROPOSAL_SHAPE: {
    status: 400,
    en: "The proposal's fields are not those of its action.",
    zh: "提案的字段与其操作不符。",
  },
  PROPOSAL_EXISTS: {
    status: 409,
    en: "The same proposal is open already; approve it.",
    zh: "相同的提案已存在；请直接批准。",
  },
  PROPOSAL_UNKNOWN: {
    status: 404,
    en: "No such proposal is open: it was executed, has expired or never was.",
    zh: "没有这样的未决提案：可能已执行、已过期或从未存在。",
  },
  PROPOSAL_EXPIRED: {
    status: 409,
    en: "The proposal's last height is past or too far ahead.",
    zh: "提案的截止高度已过或过远。",
  },
  PROPOSAL_LIMIT: {
    status: 429,
    en: "Too many proposals are open.",
    zh: "未决提案过多。",
  },
  PROPOSAL_UNFIT: {
    status: 409,
    en: "The change does not fit the validators as they are now.",
    zh: "该变更与当前验证者集合不符。",
  },
  APPROVAL_REPEATED: {
    status: 409,
    en: "This validator has approved the proposal already.",
    zh: "该验证者已批准过此提案。",
  },
  GOVERNANCE_BUSY: {
    status: 409,
    en: "Another change takes effect at the next height already; send it again after the next block.",
    zh: "下一高度已有另一变更生效；请在下一个区块后重新发送。",
  },
  SCHEDULE_CONFLICT: {
    status: 409,
    en: "The change and one that is approved for a later height do not go together; state another height.",
    zh: "该变更与已批准的定期变更相冲突；请改用其他生效高度。",
  },
  CANDIDATE_BEHIND: {
    status: 409,
    en: "The candidate's heartbeat is too old; let its node sync and bring a fresh one.",
    zh: "候选节点的心跳过旧；请等其同步后重新提交心跳。",
  },
  CANDIDATE_FORKED: {
    status: 409,
    en: "The candidate follows another chain; let its node sync from the start.",
    zh: "候选节点处于另一条链上；请让该节点从头同步。",
  },
  QUORUM_AT_RISK: {
    status: 409,
    en: "The change would stop the chain: too few of the validators after it are online.",
    zh: "该变更会使链停止：变更后在线的验证者不足。",
  },
} as const satisfies FaultTable;
