import type { FaultTable } from "./fault-table.ts";

/** What a validator refuses to take into a block. */
export const transactionsFaults = {
  TX_VERSION: {
    status: 400,
    en: "The transaction's version is not supported.",
    zh: "不支持该交易版本。",
  },
  TX_KIND: { status: 400, en: "The transaction's kind is not known.", zh: "未知的交易类型。" },
  TX_EXPIRED: {
    status: 409,
    en: "The transaction's validUntilHeight has passed; sign it again with a later one.",
    zh: "交易的有效高度已过；请用更高的有效高度重新签名。",
  },
  TX_TOO_FAR: {
    status: 400,
    en: "The transaction's validUntilHeight is too far ahead; choose a nearer one.",
    zh: "交易的有效高度过远；请选择更近的高度。",
  },
  TX_REPLAYED: {
    status: 409,
    en: "This transaction is already in the chain or the mempool.",
    zh: "该交易已在链上或内存池中。",
  },
  TX_TOO_LARGE: {
    status: 413,
    en: "The transaction is larger than the channel allows.",
    zh: "交易超过通道允许的大小。",
  },
  SENDER_UNKNOWN: {
    status: 403,
    en: "The sender is not an identity of this channel; enrol it first.",
    zh: "发送者不是本通道的身份；请先注册。",
  },
  SENDER_ROLE: {
    status: 403,
    en: "The sender's role does not allow this kind of transaction.",
    zh: "发送者的角色不允许此类交易。",
  },
  IDENTITY_EXISTS: { status: 409, en: "This identity is already enrolled.", zh: "该身份已注册。" },
  ENROLMENT_ROLE: {
    status: 403,
    en: "An enrolment cannot give this role; validators and hubs enter by governance.",
    zh: "注册不能授予此角色；验证者和枢纽须通过治理加入。",
  },
  METER_OWNED: {
    status: 403,
    en: "The meter is bound to another device; only that device may submit its readings.",
    zh: "电表已绑定到其他设备；只有该设备可以提交其读数。",
  },
  BATCH_SEQUENCE: {
    status: 409,
    en: "The batch does not follow the meter's last one; submit the missing batch first.",
    zh: "批次与电表的上一批次不连续；请先提交缺失的批次。",
  },
  BATCH_STALE: {
    status: 409,
    en: "A batch with this sequence number is already final for the meter.",
    zh: "该序号的批次已经最终确认。",
  },
  BATCH_LINK: {
    status: 409,
    en: "The batch's previousHash is not the hash of the meter's last batch.",
    zh: "批次的 previousHash 与电表上一批次的哈希不符。",
  },
  READING_FUTURE: {
    status: 400,
    en: "A reading's time is more than an hour ahead; set the meter's clock.",
    zh: "读数时间超前一小时以上；请校准电表时钟。",
  },
  BATCH_SHAPE: {
    status: 400,
    en: "The reading batch is not well formed.",
    zh: "读数批次格式不正确。",
  },
} as const satisfies FaultTable;
