import type { FaultTable } from "./fault-table.ts";

/** Which key signs at which height, and which suite. */
export const keyRotationFaults = {
  KEY_EPOCH: {
    status: 409,
    en: "Another key of this identity signs at this height; sign it again with that one.",
    zh: "在此高度由该身份的另一密钥签名；请用该密钥重新签名。",
  },
  ROTATION_SENDER: {
    status: 403,
    en: "Only the identity itself rotates its key; send it as that identity.",
    zh: "只有身份本身可以轮换其密钥；请以该身份发送。",
  },
  ROTATION_EPOCH: {
    status: 409,
    en: "The rotation does not follow the identity's present key; make the next page and rotate to it.",
    zh: "轮换与该身份的当前密钥不连续；请生成下一密钥页后再轮换。",
  },
  ROTATION_HEIGHT: {
    status: 409,
    en: "The height from which the new key signs is too near or too far; choose one 8 to 8,192 blocks ahead.",
    zh: "新密钥生效高度过近或过远；请选择其后 8 至 8192 个区块之间的高度。",
  },
  ROTATION_KEY: {
    status: 409,
    en: "The new key is or was another identity's, or this one's before; make a new key.",
    zh: "新密钥属于或曾属于某个身份；请生成新的密钥。",
  },
  KEY_OVERDUE: {
    status: 409,
    en: "The key's period has ended and no other key is in its place; see why its rotation is not final, or rotate it by hand.",
    zh: "密钥的有效期已过且尚无替换密钥；请查明其轮换为何未最终确定，或手动轮换。",
  },
  ROTATION_PROOF: {
    status: 400,
    en: "The new key has not signed the rotation; sign its proof with the new key.",
    zh: "新密钥未对该轮换签名；请用新密钥签署证明。",
  },
  SUITE_INACTIVE: {
    status: 409,
    en: "The crypto suite does not count on this channel at this height; vote it in first, or wait for its height.",
    zh: "该密码套件在此高度尚未在本通道生效；请先投票启用，或等待其生效高度。",
  },
} as const satisfies FaultTable;
