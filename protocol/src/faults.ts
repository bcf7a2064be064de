// biome-ignore-all lint/style/noExcessiveLinesPerFile: one table of codes in two languages
/**
 * Every refusal in Gridledger has a code from this table.
 *
 * `status` is the HTTP status of the code's problem+json (RFC 9457); `en` and `zh` say what is wrong
 * and what to do. Codes are never reused; add one to the section of the door that refuses.
 */
interface FaultInfo {
  readonly status: number;
  readonly en: string;
  readonly zh: string;
}

const table = {
  // encoding
  CBOR_MALFORMED: {
    status: 400,
    en: "The bytes are not well-formed CBOR.",
    zh: "字节不是格式正确的 CBOR。",
  },
  CBOR_NOT_CANONICAL: {
    status: 400,
    en: "The CBOR is not deterministic (RFC 8949 §4.2.1); encode with shortest lengths and sorted keys.",
    zh: "CBOR 不是确定性编码（RFC 8949 §4.2.1）；请使用最短长度并对键排序。",
  },
  CBOR_LIMIT: {
    status: 413,
    en: "The CBOR is larger or deeper than this door accepts.",
    zh: "CBOR 的大小或深度超过此处的上限。",
  },
  CBOR_SHAPE: {
    status: 400,
    en: "The CBOR does not have the shape this message requires.",
    zh: "CBOR 的结构与该消息要求的不符。",
  },
  // cryptography
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
  // certificates (X.509)
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
  // transactions
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
    zh: "注册不能授予此角色；验证者和中心节点须通过治理加入。",
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
  BATCH_SHAPE: {
    status: 400,
    en: "The reading batch is not well formed.",
    zh: "读数批次格式不正确。",
  },
  // mempool
  MEMPOOL_FULL: {
    status: 503,
    en: "The mempool is full; keep the transaction and send it again later.",
    zh: "内存池已满；请保留交易稍后重发。",
  },
  MEMPOOL_SENDER_LIMIT: {
    status: 429,
    en: "Too many transactions of this sender are waiting; wait for their receipts.",
    zh: "该发送者等待中的交易过多；请等待回执。",
  },
  // blocks and proofs
  BLOCK_INVALID: {
    status: 400,
    en: "The block does not follow from its parent or its content.",
    zh: "区块与其父块或内容不符。",
  },
  SEAL_INVALID: {
    status: 400,
    en: "The block's seal is not a quorum of its validators.",
    zh: "区块封印未达到验证者法定人数。",
  },
  PROOF_INVALID: {
    status: 400,
    en: "The proof does not lead from the data to the sealed header.",
    zh: "证明无法从数据推导到已封印的区块头。",
  },
  PROOF_SHAPE: {
    status: 400,
    en: "The proof file is not well formed.",
    zh: "证明文件格式不正确。",
  },
  GENESIS_INVALID: {
    status: 400,
    en: "The genesis is not well formed.",
    zh: "创世文件格式不正确。",
  },
  CHAIN_MISMATCH: { status: 409, en: "This belongs to another chain.", zh: "该内容属于另一条链。" },
  // consensus
  VOTE_SENDER: {
    status: 403,
    en: "The consensus message was not published by the validator it names.",
    zh: "共识消息的发布者与其声明的验证者不符。",
  },
  VOTE_INVALID: {
    status: 400,
    en: "The vote's signature does not verify.",
    zh: "投票签名验证不通过。",
  },
  PROPOSAL_INVALID: {
    status: 400,
    en: "The proposal is not one this round may accept.",
    zh: "该提案不符合本轮的要求。",
  },
  ROUND_CHANGE_INVALID: {
    status: 400,
    en: "The round change is not signed or its prepared certificate is wrong.",
    zh: "轮次变更未正确签名，或其准备证书无效。",
  },
  SIGNING_SUSPENDED: {
    status: 503,
    en: "This validator signs nothing until the chain has passed what it may have signed and forgotten.",
    zh: "该验证者可能遗忘了已签名的内容，在链越过该位置之前不会签名。",
  },
  KEY_IN_USE_ELSEWHERE: {
    status: 500,
    en: "Another process signs with this validator's key; stop one of them, then restart this one.",
    zh: "另一个进程正在使用该验证者的密钥；请停止其中一个，然后重启本节点。",
  },
  // storage
  STORE_CORRUPT: {
    status: 500,
    en: "A store file is damaged; restore it from a copy or remove it to sync again.",
    zh: "存储文件已损坏；请从副本恢复，或删除后重新同步。",
  },
  STORE_FAILED: {
    status: 500,
    en: "A store file could not be read or written; look at the disk and its permissions.",
    zh: "无法读写存储文件；请检查磁盘及其权限。",
  },
  STORE_IN_USE: {
    status: 500,
    en: "Another process uses this store; a key must never run twice.",
    zh: "另一进程正在使用该存储；同一密钥绝不能运行两次。",
  },
  STORE_FULL: {
    status: 507,
    en: "The store has reached its disk cap.",
    zh: "存储已达到磁盘上限。",
  },
  // broker (MQTT)
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
  // HTTP
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
  // meter bridge
  P1_TELEGRAM: {
    status: 400,
    en: "The P1 telegram is not well formed (IEC 62056-21 mode D).",
    zh: "P1 报文格式不正确（IEC 62056-21 D 模式）。",
  },
  P1_CHECKSUM: {
    status: 400,
    en: "The P1 telegram's CRC-16 is wrong or missing; check the cable and the baud rate.",
    zh: "P1 报文的 CRC-16 错误或缺失；请检查线缆和波特率。",
  },
  P1_TOO_LONG: {
    status: 413,
    en: "The P1 telegram is longer than any meter sends; it was dropped.",
    zh: "P1 报文超过任何电表的长度；已丢弃。",
  },
  DLT645_FRAME: {
    status: 400,
    en: "The bytes are not a DL/T 645-2007 frame.",
    zh: "字节不是 DL/T 645-2007 帧。",
  },
  DLT645_CHECKSUM: {
    status: 400,
    en: "The DL/T 645 frame's checksum is wrong; check the line.",
    zh: "DL/T 645 帧的校验码错误；请检查线路。",
  },
  DLT645_1997: {
    status: 400,
    en: "The meter speaks DL/T 645-1997, which is not supported; only DL/T 645-2007 is.",
    zh: "电表使用 DL/T 645-1997，不受支持；仅支持 DL/T 645-2007。",
  },
  DLT645_REFUSED: {
    status: 502,
    en: "The meter answered with an error.",
    zh: "电表返回异常应答。",
  },
  DLT645_DATA: {
    status: 400,
    en: "The DL/T 645 data does not have the format of its data identifier.",
    zh: "DL/T 645 数据与其数据标识的格式不符。",
  },
  DLT645_UNKNOWN: {
    status: 400,
    en: "The DL/T 645 data identifier is not in the table; its bytes are kept as hexadecimal.",
    zh: "DL/T 645 数据标识不在表中；其字节以十六进制保留。",
  },
  METER_SILENT: {
    status: 504,
    en: "The meter did not answer in time; check its address and the line.",
    zh: "电表未及时应答；请检查其地址和线路。",
  },
  METER_UNREACHABLE: {
    status: 502,
    en: "The meter's serial server cannot be reached.",
    zh: "无法连接电表的串口服务器。",
  },
  METER_UNNAMED: {
    status: 400,
    en: 'The meter sends no serial number, so its model names it; set the driver\'s "meter".',
    zh: "电表未发送序列号，因此以型号命名；请设置驱动的 “meter”。",
  },
  READOUT_INVALID: {
    status: 400,
    en: "The readout cannot be put in a batch.",
    zh: "该读数无法写入批次。",
  },
  SPOOL_BEHIND: {
    status: 409,
    en: "The chain has batches of the meter that this spool does not know: a lost spool, or a second bridge. Restore the spool, or name the meter anew.",
    zh: "链上已有此缓存不知道的电表批次：缓存丢失，或有第二个网桥。请恢复缓存，或为电表重新命名。",
  },
  SPOOL_CORRUPT: {
    status: 500,
    en: "The spool file is damaged; restore it from a copy. Nothing in it is guessed.",
    zh: "缓存文件已损坏；请从副本恢复。不会猜测其内容。",
  },
  SPOOL_FULL: {
    status: 507,
    en: "The spool has reached its disk cap; the readout was not taken.",
    zh: "缓存已达到磁盘上限；未接收该读数。",
  },
  SPOOL_LOCKED: {
    status: 409,
    en: "Another bridge has this spool open; stop it first.",
    zh: "另一个网桥已打开此缓存；请先停止它。",
  },
  SPOOL_FAILED: {
    status: 500,
    en: "The spool could not be written; the readout was not taken.",
    zh: "缓存写入失败；未接收该读数。",
  },
  CAPTURE_INVALID: {
    status: 500,
    en: "The capture or profile file cannot be used.",
    zh: "无法使用该抓包或曲线文件。",
  },
  // configuration and processes
  CONFIG_INVALID: { status: 500, en: "The configuration is not valid.", zh: "配置无效。" },
  PORT_IN_USE: {
    status: 500,
    en: "The port is in use; choose another.",
    zh: "端口已被占用；请选择其他端口。",
  },
  // command line
  HOME_IN_USE: {
    status: 500,
    en: "Another start is running on this home; stop it first or choose another --home.",
    zh: "另一个启动进程正在使用此主目录；请先停止它，或选择其他 --home。",
  },
  HOME_SETTLED: {
    status: 500,
    en: "This was fixed when the home was made; start without the option or choose another --home.",
    zh: "该设置在创建主目录时已确定；请去掉该选项，或选择其他 --home。",
  },
  HUB_UNREACHABLE: {
    status: 503,
    en: "No hub answers at this address; start one or give its --url.",
    zh: "该地址没有中心节点应答；请先启动，或用 --url 指定地址。",
  },
  FILE_UNREADABLE: {
    status: 500,
    en: "The file cannot be read or written.",
    zh: "无法读取或写入该文件。",
  },
  PROCESS_DOWN: {
    status: 500,
    en: "A process of the network does not start; its log says why.",
    zh: "网络中的一个进程无法启动；原因见其日志。",
  },
} as const satisfies Record<string, FaultInfo>;

export type FaultCode = keyof typeof table;

/** The table read with plain string keys, for codes that come from outside. */
export const faultTable: Readonly<Record<string, FaultInfo>> = table;

interface FaultOptions {
  /** Shown to the caller: must hold no secret. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Logged, never shown. */
  readonly cause?: unknown;
}

/** A coded refusal. `detail` is shown to the caller; without one the table's sentence is. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: FaultCode, detail = "", options: FaultOptions = {}) {
    super(detail === "" ? table[code].en : detail, { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.data = options.data ?? {};
  }
}

/** The thrown value as a Fault: itself where it is one, else `INTERNAL` with the value as its cause. */
export function asFault(thrown: unknown, code: FaultCode = "INTERNAL"): Fault {
  return thrown instanceof Fault ? thrown : new Fault(code, "", { cause: thrown });
}
