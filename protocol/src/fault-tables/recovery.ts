import type { FaultTable } from "./fault-table.ts";

/** Recovery of encryption keys (guide §6.2.2). */
export const recoveryFaults = {
  RECOVERY_SIGNING_KEY: {
    status: 403,
    en: "Keys that sign are never recoverable: make a new one, have it certified, and revoke the old one.",
    zh: "签名密钥永不可恢复：请生成新密钥、申请证书并吊销旧密钥。",
  },
  RECOVERY_PLAN: {
    status: 400,
    en: "A key is split among 2 to 16 custodians of at least two organisations, none of them its owner; at least two must be needed.",
    zh: "密钥须分给 2 至 16 名来自至少两个组织的保管人（不含所有者本人），且恢复至少需要两人。",
  },
  RECOVERY_SHARE: {
    status: 400,
    en: "A share does not fit the commitments; ask the custodian that is named for it again, or do without it.",
    zh: "某份额与承诺不符；请向所指保管人重新索取，或不使用该份额。",
  },
  RECOVERY_TOO_FEW: {
    status: 409,
    en: "Too few custodians have approved, or all of one organisation; ask further ones.",
    zh: "批准的保管人不足，或均来自同一组织；请联系其他保管人。",
  },
  RECOVERY_UNKNOWN: {
    status: 404,
    en: "No such key is kept for recovery, or nobody asks for it now.",
    zh: "没有为恢复保管该密钥，或目前无人申请恢复。",
  },
  RECOVERY_RIGHT: {
    status: 403,
    en: "This identity may not do that: the owner or an operator asks, custodians of the key approve, and nobody approves their own request.",
    zh: "该身份无权执行：由所有者或操作员申请，由该密钥的保管人批准，任何人不得批准自己的申请。",
  },
  DELIVERY_TAKEN: {
    status: 410,
    en: "This key was fetched already, or its time is over. If it was not you who fetched it, have nothing certified with it and ask for another one.",
    zh: "该密钥已被领取或已超时。若并非您本人领取，请勿用其申请证书，并重新申领。",
  },
  RECOVERY_CLOSED: {
    status: 409,
    en: "This request is not open: it has expired, was replaced, is completed, or is not final yet. Ask again if the key is still needed.",
    zh: "该申请未处于开放状态：已过期、被替换、已完成，或尚未最终确认。如仍需密钥，请重新申请。",
  },
  RECOVERY_CONTENT: {
    status: 400,
    en: "What was sent beside the transaction is not what its sender signed; sign it again with gridledger recovery.",
    zh: "随交易发送的内容与签名内容不符；请用 gridledger recovery 重新签名。",
  },
  RECOVERY_REPEATED: {
    status: 409,
    en: "This was recorded already.",
    zh: "该操作已有记录。",
  },
} as const satisfies FaultTable;
