import type { FaultTable } from "./fault-table.ts";

/** The MQTT door. */
export const brokerFaults = {
  MQTT_PROTOCOL: {
    status: 400,
    en: "The bytes are not the MQTT packet this place of the protocol requires.",
    zh: "字节不是此处协议要求的 MQTT 报文。",
  },
  MQTT_PACKET_TOO_LARGE: {
    status: 413,
    en: "The MQTT packet is larger than the broker accepts; send smaller messages.",
    zh: "MQTT 报文超过代理的上限；请发送更小的消息。",
  },
  MQTT_CONNECT_TIMEOUT: {
    status: 408,
    en: "No complete CONNECT arrived in time.",
    zh: "未在规定时间内收到完整的 CONNECT。",
  },
  MQTT_CONNECTION_LIMIT: {
    status: 429,
    en: "Too many connections, in all or from this address; wait and try again.",
    zh: "连接总数或该地址的连接数过多；请稍后再试。",
  },
  MQTT_VERSION: {
    status: 400,
    en: "The broker speaks MQTT 3.1.1 (protocol level 4) only.",
    zh: "代理仅支持 MQTT 3.1.1（协议级别 4）。",
  },
  MQTT_CLIENT_ID: {
    status: 400,
    en: "The client id must be the identity id in hex, or that with -suffix, and the user name the id.",
    zh: "客户端标识必须为十六进制身份标识或其后加 -后缀，用户名必须为身份标识。",
  },
  TLS_HANDSHAKE: {
    status: 400,
    en: "The TLS handshake failed or took too long; use TLS 1.2 or newer with a certificate of this network.",
    zh: "TLS 握手失败或超时；请使用 TLS 1.2 以上并出示本网络签发的证书。",
  },
  TLS_CERTIFICATE_MISSING: {
    status: 401,
    en: "The client showed no certificate; connect with the one the authority issued to it.",
    zh: "客户端未出示证书；请使用 CA 为其签发的证书连接。",
  },
  TLS_CERTIFICATE_IDENTITY: {
    status: 403,
    en: "The certificate speaks for another identity than the one that connects.",
    zh: "证书所代表的身份与连接的身份不符。",
  },
  MQTT_SESSION: {
    status: 400,
    en: "The broker keeps no sessions; connect with clean session and a keepalive of at most 10 minutes.",
    zh: "代理不保存会话；请使用 clean session 且保活不超过 10 分钟。",
  },
  MQTT_WILL: {
    status: 400,
    en: "Will messages are not allowed; connect without one.",
    zh: "不允许遗嘱消息；请不带遗嘱连接。",
  },
  MQTT_RETAIN: {
    status: 400,
    en: "Retained messages are not allowed; publish without the retain flag.",
    zh: "不允许保留消息；发布时请勿设置 retain 标志。",
  },
  MQTT_QOS: {
    status: 400,
    en: "QoS 2 is not offered; use QoS 0 or 1.",
    zh: "不提供 QoS 2；请使用 QoS 0 或 1。",
  },
  MQTT_TOPIC: {
    status: 400,
    en: "The topic is not one of this network.",
    zh: "主题不属于本网络。",
  },
  MQTT_PUBLISH_DENIED: {
    status: 403,
    en: "The identity may not publish on this topic.",
    zh: "该身份不得在此主题上发布。",
  },
  MQTT_SUBSCRIBE_DENIED: {
    status: 403,
    en: "The identity may not subscribe to this filter.",
    zh: "该身份不得订阅此过滤器。",
  },
  MQTT_IDENTITY_UNKNOWN: {
    status: 403,
    en: "The broker does not know this identity; enrol it first.",
    zh: "代理不认识该身份；请先注册。",
  },
  MQTT_TOKEN_INVALID: {
    status: 401,
    en: "The password is not a connect token signed by the identity for this chain.",
    zh: "密码不是该身份为本链签署的连接令牌。",
  },
  MQTT_TOKEN_AGE: {
    status: 401,
    en: "The connect token is too old or from the future; set the clock and make a new one.",
    zh: "连接令牌过旧或来自未来；请校准时钟并生成新令牌。",
  },
  MQTT_TOKEN_REUSED: {
    status: 401,
    en: "The connect token was used before; make a new one for every connection.",
    zh: "连接令牌已被使用；每次连接请生成新令牌。",
  },
  MQTT_CONNECT_RATE: {
    status: 429,
    en: "The identity connects too often; wait and try again.",
    zh: "该身份连接过于频繁；请稍后再试。",
  },
  MQTT_SLOW_SUBSCRIBER: {
    status: 503,
    en: "The client did not read what it subscribed to and was disconnected.",
    zh: "客户端未读取其订阅的消息，已被断开。",
  },
} as const satisfies FaultTable;
