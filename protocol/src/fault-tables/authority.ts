import type { FaultTable } from "./fault-table.ts";

/** The certificate authority's desk, and what the chain says of certificates. */
export const authorityFaults = {
  CA_ABSENT: {
    status: 404,
    en: "This hub runs no certificate authority; make one with `gridledger ca init` and start again.",
    zh: "本枢纽未运行证书颁发机构；请用 `gridledger ca init` 创建后重新启动。",
  },
  AUTHORITY_UNKNOWN: {
    status: 404,
    en: "There is no such issuing authority here; `GET /api/v1/ca` lists them.",
    zh: "此处没有该签发机构；可用 `GET /api/v1/ca` 查看列表。",
  },
  AUTHORITY_REVOKED: {
    status: 409,
    en: "This issuing authority is revoked and issues nothing more; name another one (`gridledger ca show`).",
    zh: "该签发机构已被吊销，不再签发证书；请指定其他机构（`gridledger ca show`）。",
  },
  ENROLMENT_CODE_INVALID: {
    status: 403,
    en: "The enrolment code is not right; type it as it was shown.",
    zh: "注册码不正确；请按显示内容输入。",
  },
  ENROLMENT_CODE_EXPIRED: {
    status: 403,
    en: "The enrolment code has expired; ask an operator for a new one.",
    zh: "注册码已过期；请向操作员索取新的注册码。",
  },
  ENROLMENT_CODE_USED: {
    status: 409,
    en: "The enrolment code was used for another request; ask an operator for a new one.",
    zh: "注册码已用于其他请求；请向操作员索取新的注册码。",
  },
  ENROLMENT_CODE_LOCKED: {
    status: 403,
    en: "Too many wrong attempts: the enrolment code is void; ask an operator for a new one.",
    zh: "错误尝试过多，注册码已作废；请向操作员索取新的注册码。",
  },
  REQUEST_SUBJECT: {
    status: 403,
    en: "The request names another subject than the one the code or certificate is for.",
    zh: "请求中的主体与注册码或证书对应的主体不符。",
  },
  REQUEST_AUTHORITY: {
    status: 403,
    en: "The request asks for the rights of an authority; those are given at the root only.",
    zh: "请求要求证书颁发机构权限；该权限只能由根授予。",
  },
  REQUEST_ROLE: {
    status: 403,
    en: "The request asks for a role that it may not have.",
    zh: "请求的角色不被允许。",
  },
  REQUEST_KEY: {
    status: 409,
    en: "The key belongs to another subject or purpose already; make a new one.",
    zh: "该密钥已用于其他主体或用途；请生成新密钥。",
  },
  REQUEST_DECIDED: {
    status: 409,
    en: "The request has been decided already.",
    zh: "该请求已处理。",
  },
  APPROVAL_OWN: {
    status: 403,
    en: "Who asked may not approve; another operator must.",
    zh: "申请人不得自行批准；须由另一位操作员批准。",
  },
  RENEWAL_EARLY: {
    status: 409,
    en: "The certificate is valid for long yet; renew it in its last third.",
    zh: "证书仍有较长有效期；请在最后三分之一期限内更新。",
  },
  RENEWAL_LATE: {
    status: 403,
    en: "The certificate expired too long ago, or was replaced; ask for a new enrolment code.",
    zh: "证书过期太久或已被替换；请申请新的注册码。",
  },
  IDENTITY_REVOKED: {
    status: 403,
    en: "The identity has been revoked on the chain; it needs a new key and a new certificate.",
    zh: "该身份已在链上被撤销；需要新的密钥和新的证书。",
  },
  CERTIFICATE_RECORD: {
    status: 409,
    en: "The certificate record does not fit what the chain knows of the identity.",
    zh: "证书记录与链上该身份的状态不符。",
  },
  REVOCATION_VALIDATOR: {
    status: 409,
    en: "The identity is a validator: its seat is taken by vote first, then it can be revoked.",
    zh: "该身份是验证者：须先经投票移除席位，然后才能撤销。",
  },
} as const satisfies FaultTable;
