import type { FaultTable } from "./fault-table.ts";

/** Users, tokens and the rules of access. */
export const accessFaults = {
  USER_NAME: {
    status: 400,
    en: "Choose a user name of 2 to 32 characters: a–z first, then a–z, 0–9, dot, dash, underscore.",
    zh: "用户名须为 2 至 32 个字符：以 a–z 开头，其后可用 a–z、0–9、点、连字符、下划线。",
  },
  USER_EXISTS: { status: 409, en: "A user of this name exists already.", zh: "已有同名用户。" },
  USER_LOOKALIKE: {
    status: 409,
    en: "The name can be mistaken for that of another user; choose a clearly different one.",
    zh: "该名称容易与其他用户混淆；请选择明显不同的名称。",
  },
  USER_ROLES: {
    status: 400,
    en: "A program can hold the roles application and device, and no others.",
    zh: "程序只能具有应用和设备角色。",
  },
  LAST_ADMINISTRATOR: {
    status: 409,
    en: "Nobody would be left who can manage users; make another administrator first.",
    zh: "将没有人能够管理用户；请先设立另一名管理员。",
  },
  RIGHTS_OWN: {
    status: 403,
    en: "Nobody raises their own rights; ask another administrator.",
    zh: "任何人不得提升自己的权限；请联系另一名管理员。",
  },
  POLICY_INVALID: {
    status: 400,
    en: "The rules cannot be used as they are; the detail names the rule.",
    zh: "规则无法使用；详情指出了具体规则。",
  },
  POLICY_CHANGED: {
    status: 409,
    en: "Somebody changed the rules meanwhile; load them again and repeat the change.",
    zh: "规则已被他人更改；请重新加载后再修改。",
  },
  TOKEN_INVALID: {
    status: 401,
    en: "The token is unknown, expired or revoked; make a new one.",
    zh: "令牌未知、已过期或已撤销；请重新创建。",
  },
  TOKEN_IN_ADDRESS: {
    status: 400,
    en: "A token in an address ends up in logs: revoke it and send the next in the Authorization header.",
    zh: "地址中的令牌会进入日志：请撤销它，并在 Authorization 头中发送新令牌。",
  },
  TOKEN_LIMIT: {
    status: 409,
    en: "Too many tokens of this name are live; revoke one first.",
    zh: "同名有效令牌过多；请先撤销一个。",
  },
  TOKEN_SCOPE: {
    status: 403,
    en: "A token cannot do more than its user, and never manages the account.",
    zh: "令牌的权限不能超过其用户，且不能管理账户。",
  },
  SIGN_IN_PROOF: {
    status: 401,
    en: "The proof is not for an open challenge of this hub; ask for a new one and sign that.",
    zh: "该证明不对应本服务的有效质询；请重新获取并签名。",
  },
} as const satisfies FaultTable;
