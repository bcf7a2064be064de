import { type Permission, permissionNames } from "../api/access.ts";
import type { PolicyRole, Rule } from "./rules.ts";

const changes = permissionNames.filter(
  (name) => !(name.endsWith(".read") || name.startsWith("account.")),
);

/** Stand before every other rule: no rule of an administrator gets past them. */
export const guardRules: readonly Rule[] = [
  {
    id: "guard.own-rights",
    effect: "deny",
    roles: ["member"],
    permissions: ["user.manage"],
    where: [{ attribute: "resource.user", sameAs: "user.name" }],
    why: { en: "Nobody changes their own rights.", zh: "任何人不得更改自己的权限。" },
  },
  {
    id: "guard.only-reads",
    effect: "deny",
    roles: ["supervisor", "auditor"],
    permissions: changes,
    where: [],
    why: { en: "Supervisors and auditors only read.", zh: "监管员和审计员只读。" },
  },
];

/** What each role may do unless a rule of an administrator says otherwise. */
export const defaultRules: readonly Rule[] = [
  permit("default.local", ["local"], ["ledger.read", "submission.read"], {
    en: "While the hub answers on this machine only, anybody on it may read the ledger.",
    zh: "服务仅在本机应答时，本机任何人都可读取账本。",
  }),
  {
    ...permit("default.local-objects", ["local"], ["object.read"], {
      en: "While the hub answers on this machine only, anybody on it may read objects that are not confidential.",
      zh: "服务仅在本机应答时，本机任何人都可读取非机密数据对象。",
    }),
    where: [{ attribute: "resource.classification", oneOf: ["public", "internal"] }],
  },
  permit("default.account", ["member"], ["account.password", "account.manage"], {
    en: "Everybody manages their own password, sessions and tokens.",
    zh: "每个人管理自己的密码、会话和令牌。",
  }),
  {
    ...permit("default.own-access", ["member"], ["decision.read"], {
      en: "Everybody may ask what they may do themselves.",
      zh: "每个人都可以查询自己的权限。",
    }),
    where: [{ attribute: "resource.user", sameAs: "user.name" }],
  },
  permit("default.keep-key", ["member"], ["key.keep"], {
    en: "Everybody who may change something may have an own encryption key kept by custodians.",
    zh: "凡可进行变更者均可将自己的加密密钥交由保管人保管。",
  }),
  {
    ...permit("default.own-key", ["member"], ["key.read", "key.recover"], {
      en: "Owners see and ask for their own kept keys.",
      zh: "所有者可查看并申请恢复自己被保管的密钥。",
    }),
    where: [{ attribute: "resource.owner", sameAs: "user.identity" }],
  },
  permit(
    "default.operator",
    ["operator"],
    [
      ...(["ledger.read", "submission.read", "object.read", "certificate.read"] as const),
      ...(["certificate.request", "certificate.approve", "certificate.revoke"] as const),
      ...(["key.read", "key.recover", "user.read", "webhook.manage"] as const),
      ...(["mapping.read", "rows.read", "mapping.manage"] as const),
    ],
    { en: "Operators run the network.", zh: "操作员运行网络。" },
  ),
  {
    ...permit("default.operator-enrols", ["operator"], ["identity.enrol"], {
      en: "Operators enrol devices, programs, nodes and organisations.",
      zh: "操作员注册设备、应用、节点和组织。",
    }),
    where: [
      {
        attribute: "resource.role",
        oneOf: ["device", "application", "operator", "candidate", "organisation"],
      },
    ],
  },
  permit(
    "default.administrator",
    ["administrator"],
    [
      ...(["ledger.read", "user.read", "user.manage"] as const),
      ...(["access.read", "access.manage", "decision.read", "audit.read"] as const),
    ],
    { en: "Administrators manage users and rules.", zh: "管理员管理用户和策略。" },
  ),
  {
    ...permit("default.administrator-enrols", ["administrator"], ["identity.enrol"], {
      en: "Administrators enrol the keys of people with duties.",
      zh: "管理员注册履职人员的密钥。",
    }),
    where: [
      {
        attribute: "resource.role",
        oneOf: ["administrator", "supervisor", "auditor", "custodian"],
      },
    ],
  },
  permit(
    "default.oversight",
    ["supervisor", "auditor"],
    [
      ...(["ledger.read", "submission.read", "object.read", "certificate.read"] as const),
      ...(["key.read", "user.read", "access.read", "decision.read", "audit.read"] as const),
      ...(["mapping.read", "rows.read"] as const),
    ],
    { en: "Supervisors and auditors see everything.", zh: "监管员和审计员可查看全部。" },
  ),
  permit("default.custodian", ["custodian"], ["key.read", "key.approve", "certificate.read"], {
    en: "Custodians decide about the recovery of keys.",
    zh: "保管员决定密钥的恢复。",
  }),
  permit(
    "default.application",
    ["application"],
    ["ledger.read", "certificate.request", "webhook.manage"],
    { en: "Programs read the ledger and are told of events.", zh: "应用读取账本并接收事件通知。" },
  ),
  permit("default.device", ["device"], ["certificate.request"], {
    en: "Devices ask for their certificates.",
    zh: "设备申请自己的证书。",
  }),
  {
    ...permit("default.application-objects", ["application"], ["object.read"], {
      en: "Programs read objects that are not confidential.",
      zh: "应用可读取非机密数据对象。",
    }),
    where: [{ attribute: "resource.classification", oneOf: ["public", "internal"] }],
  },
  {
    ...permit("default.own-objects", ["application", "device"], ["object.read"], {
      en: "Programs and devices read the objects that they put themselves.",
      zh: "应用和设备可读取自己存入的数据对象。",
    }),
    where: [{ attribute: "resource.owner", sameAs: "user.identity" }],
  },
  {
    ...permit("default.own-submissions", ["application", "device"], ["submission.read"], {
      en: "Programs and devices see what they handed in themselves.",
      zh: "应用和设备可查看自己提交的内容。",
    }),
    where: [{ attribute: "resource.owner", sameAs: "user.identity" }],
  },
];

function permit(
  id: string,
  roles: readonly PolicyRole[],
  permissions: readonly Permission[],
  why: Rule["why"],
): Rule {
  return { id, effect: "permit", roles, permissions, where: [], why };
}

/** The whole policy, in the order in which it is read. */
export function policyOf(extraRules: readonly Rule[]): readonly Rule[] {
  return [...guardRules, ...extraRules, ...defaultRules];
}
