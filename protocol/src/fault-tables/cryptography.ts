import type { FaultTable } from "./fault-table.ts";

/** Suites, keys and sealed data. */
export const cryptographyFaults = {
  SUITE_UNKNOWN: {
    status: 400,
    en: "This crypto suite is not known here.",
    zh: "此处不支持该密码套件。",
  },
  KEY_INVALID: {
    status: 400,
    en: "The key is not a valid key of the channel's crypto suite.",
    zh: "密钥不是通道密码套件的有效密钥。",
  },
  SUITE_SELF_TEST: {
    status: 500,
    en: "A crypto provider failed its self-test and is not used.",
    zh: "密码提供者自检失败，未启用。",
  },
  SUITE_REFUSED: {
    status: 409,
    en: "The outside crypto suite cannot be registered; see why, correct the package, start again.",
    zh: "无法注册该外部密码套件；请查看原因并修正软件包后重新启动。",
  },
  SUITE_MISSING: {
    status: 409,
    en: 'The channel uses a crypto suite that this process does not have: install its package, name it under "suites" of the config (or --suite-package), and start again.',
    zh: '通道使用了本进程没有的密码套件：请安装其软件包，在配置的 "suites"（或 --suite-package）中写明，然后重新启动。',
  },
  SEALED_INVALID: {
    status: 400,
    en: "The bytes were not sealed with this key in this context, or were changed since.",
    zh: "数据不是用此密钥在此上下文中加密的，或已被更改。",
  },
  KEY_LOCKED: {
    status: 423,
    en: "The key book is locked; unlock it with its passphrase.",
    zh: "密钥簿已锁定；请用口令解锁。",
  },
  PASSPHRASE_WRONG: {
    status: 403,
    en: "The passphrase does not open this key page, or the page was changed.",
    zh: "口令无法打开该密钥页，或该页已被更改。",
  },
  KEY_PAGE_UNKNOWN: {
    status: 404,
    en: "There is no key page for this module, scheme and epoch.",
    zh: "该模块、方案和时期没有对应的密钥页。",
  },
  KEY_PAGE_EXISTS: {
    status: 409,
    en: "This module and scheme, or this key, already has a page; rotate instead.",
    zh: "该模块与方案或该密钥已有密钥页；请改用轮换。",
  },
  KEY_PAGE_INVALID: {
    status: 400,
    en: "The key page is not well formed.",
    zh: "密钥页格式不正确。",
  },
  SIGNATURE_INVALID: {
    status: 400,
    en: "The signature does not verify over these bytes.",
    zh: "签名验证不通过。",
  },
} as const satisfies FaultTable;
