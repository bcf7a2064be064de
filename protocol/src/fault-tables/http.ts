import type { FaultTable } from "./fault-table.ts";

/** The REST door and sign-in. */
export const httpFaults = {
  REQUEST_INVALID: {
    status: 400,
    en: "The request does not have the shape this route requires.",
    zh: "请求的格式与该接口要求的不符。",
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    en: "The request body is larger than this route accepts.",
    zh: "请求体超过该接口的上限。",
  },
  NOT_FOUND: { status: 404, en: "There is nothing at this address.", zh: "此地址没有内容。" },
  METHOD_NOT_ALLOWED: {
    status: 405,
    en: "This route does not answer this method.",
    zh: "该接口不支持此方法。",
  },
  NOT_SIGNED_IN: { status: 401, en: "Sign in first.", zh: "请先登录。" },
  FORBIDDEN: { status: 403, en: "Your role does not allow this.", zh: "您的角色不允许此操作。" },
  HOST_FOREIGN: {
    status: 403,
    en: "This hub answers on this machine only, under a name of this machine.",
    zh: "本服务仅在本机应答，且只接受本机名称。",
  },
  CSRF_INVALID: {
    status: 403,
    en: "The request does not prove that it comes from a page of this hub; reload the page and try again.",
    zh: "请求无法证明来自本服务的页面；请刷新页面后重试。",
  },
  LOGIN_FAILED: {
    status: 401,
    en: "The user name or the password is wrong.",
    zh: "用户名或密码错误。",
  },
  LOGIN_LOCKED: {
    status: 429,
    en: "Too many failed attempts; wait and try again.",
    zh: "失败次数过多；请稍后再试。",
  },
  PASSWORD_WEAK: {
    status: 400,
    en: "The password is too short or too common; choose at least 12 characters.",
    zh: "密码过短或过于常见；请至少使用 12 个字符。",
  },
  RATE_LIMITED: {
    status: 429,
    en: "Too many requests; wait and try again.",
    zh: "请求过多；请稍后再试。",
  },
  NOT_READY: {
    status: 503,
    en: "The service is still starting or has lost its chain; try again shortly.",
    zh: "服务正在启动或已与链断开；请稍后再试。",
  },
  INTERNAL: {
    status: 500,
    en: "Something failed inside; the log has the details.",
    zh: "内部错误；详情见日志。",
  },
} as const satisfies FaultTable;
