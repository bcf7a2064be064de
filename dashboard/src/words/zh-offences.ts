import type { offencesEn } from "./en-offences.ts";

export const offencesZh: typeof offencesEn = {
  title: "违规记录",
  note: "由该验证者自己的签名证明。不会自动移除任何人：任一验证者均可提议将其移除。",
  validator: "验证者",
  what: "违规行为",
  kinds: {
    doubleProposal: "提议了两个不同的区块",
    doublePrepare: "对两个不同的区块投出准备票",
    doubleCommit: "对两个不同的区块投出提交票",
    amnesia: "隐瞒了自己的提交",
    unjustifiedProposal: "无正当理由的提议",
  },
  height: "所在高度",
  recordedAt: "记录于区块",
  proof: "证据",
  download: "下载",
};
