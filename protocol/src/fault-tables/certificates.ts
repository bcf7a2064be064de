import type { FaultTable } from "./fault-table.ts";

/** X.509 certificates, requests and revocation lists. */
export const certificatesFaults = {
  PKI_MALFORMED: {
    status: 400,
    en: "The bytes are not a certificate, request or CRL in DER of the profile in use here.",
    zh: "字节不是符合本系统规范的 DER 证书、证书请求或 CRL。",
  },
  PKI_LIMIT: {
    status: 413,
    en: "The certificate, request, CRL or their number is larger than is read here.",
    zh: "证书、证书请求、CRL 或其数量超过此处的上限。",
  },
  PKI_ALGORITHM: {
    status: 400,
    en: "The curve or signature algorithm is not of this suite; use P-256 with SHA-256 or SM2 with SM3.",
    zh: "曲线或签名算法不属于该密码套件；请使用 P-256 与 SHA-256 或 SM2 与 SM3。",
  },
  CERTIFICATE_FIELDS: {
    status: 400,
    en: "No certificate, request or CRL can be issued with these fields.",
    zh: "无法用这些字段签发证书、证书请求或 CRL。",
  },
  CERTIFICATE_EXTENSION: {
    status: 400,
    en: "An extension is missing, contradicts another, or is critical and not known here.",
    zh: "扩展缺失、相互矛盾，或为此处不支持的关键扩展。",
  },
  CERTIFICATE_ISSUER_UNKNOWN: {
    status: 403,
    en: "No chain leads from the certificate to a trusted root; send the issuing certificates too.",
    zh: "证书无法链接到受信任的根；请同时发送签发者证书。",
  },
  CERTIFICATE_PATH: {
    status: 403,
    en: "The chain loops, is too long, or passes through a certificate that is no authority.",
    zh: "证书链存在循环、过长，或经过非 CA 证书。",
  },
  CERTIFICATE_NAME: {
    status: 403,
    en: "The certificate names another organisation than the authority that issued it.",
    zh: "证书中的组织与签发机构的组织不符。",
  },
  CERTIFICATE_NOT_YET_VALID: {
    status: 403,
    en: "The certificate is not valid yet; check the clock.",
    zh: "证书尚未生效；请检查时钟。",
  },
  CERTIFICATE_EXPIRED: {
    status: 403,
    en: "The certificate has expired; renew it.",
    zh: "证书已过期；请更新证书。",
  },
  CERTIFICATE_USAGE: {
    status: 403,
    en: "The certificate was not issued for this use.",
    zh: "证书的用途与此不符。",
  },
  CERTIFICATE_ROLE: {
    status: 403,
    en: "The certificate carries no role, an unknown one, or shows one and means another.",
    zh: "证书未包含角色、角色未知，或显示的角色与实际不符。",
  },
  CERTIFICATE_REVOKED: {
    status: 403,
    en: "The certificate, or one it depends on, has been revoked.",
    zh: "证书或其所依赖的证书已被撤销。",
  },
  CRL_MISSING: {
    status: 503,
    en: "There is no CRL that tells whether the certificate is revoked; fetch the issuer's.",
    zh: "没有可判断证书是否被撤销的 CRL；请获取签发者的 CRL。",
  },
  CRL_STALE: {
    status: 503,
    en: "The issuer's CRL is out of date; fetch the current one.",
    zh: "签发者的 CRL 已过时；请获取最新的 CRL。",
  },
  CRL_NUMBER: {
    status: 409,
    en: "The CRL is not newer than the one already known.",
    zh: "该 CRL 不比已知的更新。",
  },
} as const satisfies FaultTable;
