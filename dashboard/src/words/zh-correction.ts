import type { correctionEn } from "./en-correction.ts";

export const correctionZh: typeof correctionEn = {
  title: "更正",
  about: "读数保持签名时的原样；现行值由单独的记录给出。",
  none: "该电表没有更正过的读数。",
  number: "序号",
  time: "读数时间",
  register: "数据项",
  was: "原值",
  is: "现行值",
  reason: "原因",
  by: "提交方",
  agreed: "同意方",
  record: "记录",
  statuses: { original: "原始读数", corrected: "已更正", estimated: "估算", void: "作废" },
  findings: {
    resolved: (number) => `已由更正 ${number} 解决`,
    brought: (number) => `自更正 ${number} 起`,
  },
  reasons: {
    "meter-fault": "电表故障",
    "clock-wrong": "时钟错误",
    transmission: "传输问题",
    "meter-exchange": "更换电表",
    configuration: "配置错误",
    "manual-reading": "现场抄表",
    estimate: "替代值",
    agreement: "双方协商",
    order: "主管机关要求",
  },
};
