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
  SIGNATURE_INVALID: {
    status: 400,
    en: "The signature does not verify over these bytes.",
    zh: "签名验证不通过。",
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
