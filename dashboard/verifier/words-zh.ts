import { kindsZh } from "../src/words/zh-kinds.ts";
import type { Words } from "./words-en.ts";

export const zh: Words = {
  title: "验证证据",
  lead: "在本页面内核验 Gridledger 证据文件。数据不会离开本机，也无需联网：保存本页即可随处使用。",
  language: "语言",
  file: {
    heading: "证据文件",
    drop: "将证据文件拖到此处",
    or: "由控制台或 gridledger … --bundle 生成的 .json 文件",
    choose: "选择文件",
    paste: "粘贴文本",
    pasteLabel: "证据文件的文本",
    verifyText: "验证此文本",
    again: "验证另一个文件",
    pasted: "粘贴的文本",
  },
  trust: {
    heading: "您信任哪条链？",
    label: "链标识（创世块哈希），64 个字符",
    hint: "请从您自己的渠道取得：合同、运营方公函、您自己节点的 “gridledger status”；切勿取自该文件或文件的发送者。",
    genesis: "或选择您的创世文件",
    genesisRead: (id) => `您的创世文件：链 ${id}`,
    forget: "不使用",
    malformed: "链标识为 64 个字符，由 0–9 和 a–f 组成。",
  },
  working: {
    reading: "正在读取文件…",
    verifying: "正在验证…",
    cancel: "取消",
  },
  proven: "已证实",
  consistent: "自洽，尚未证实",
  refused: "未能证实",
  says: {
    reading: (meter, time, channel, height, sealed) =>
      `电表 ${meter} 在 ${time} 的该读数位于链“${channel}”高度 ${height}，${sealed}。`,
    object: (name, size, channel, height, sealed) =>
      `文件“${name}”（${size}）位于链“${channel}”高度 ${height}，${sealed}。`,
    transaction: (kind, channel, height, sealed) =>
      `该交易（${kindsZh[kind] ?? kind}）位于链“${channel}”高度 ${height}，${sealed}。`,
    sealed: (signers, validators) => `由 ${validators} 个验证者中的 ${signers} 个封印`,
    confirmed: (blocks) => `其后已有 ${blocks} 个工作量证明区块确认`,
    part: (shown, size) => `该文件包含全部 ${size} 中的 ${shown}。`,
    blockTime: (time) => `区块时间为 ${time}。`,
    signer: (name, role) => `由 ${name}（${role}）签名。`,
    notRevoked: (height, time) =>
      `签名者在签名时未被吊销，直至区块 ${height}（${time}）亦未被吊销。`,
    revokedLater: (height, reason) =>
      `签名者自区块 ${height} 起被吊销（${reason}）；此签名在吊销之前。`,
    revocationUnknown: "文件未包含签名者是否被吊销的信息；如有需要，请索取更新的文件。",
    outcome: (outcome) => `合约调用结果：${outcome}。`,
    unproven:
      "任何文件都无法表明：电表计量准确、所存内容属实，或此处所列最后一个区块之后发生的事情。",
  },
  compare: {
    why: "文件内容自洽，但所属的链由文件自己声明：任何人都可以为自己的链制作这样的文件。请将此标识与您从别处取得的标识进行比对：",
    done: "我已比对，完全一致",
    by: "您已比对链标识。",
    with: "已按您输入的链标识验证。",
    withGenesis: "已按您的创世文件验证。",
  },
  todo: "怎么办：",
  todos: {
    PROOF_SHAPE:
      "文件已损坏、被截断或不是证据文件。请重新索取，并以文件形式传送，不要粘贴在消息中。",
    PROOF_INVALID:
      "其中的内容被改动，或由不同部分拼凑而成。请勿采信；请向数据持有方索取由枢纽新生成的文件。",
    SEAL_INVALID: "验证者的签名不成立。请勿采信；请索取由枢纽新生成的文件。",
    CHAIN_MISMATCH: "它不属于您指定的链。请核对您输入的链标识；若无误，则该证据属于另一条链。",
    IDENTITY_REVOKED: "签名所用的密钥在此之前已被吊销。请勿采信；请询问设备所有者。",
    GENESIS_INVALID: "这是不含创世块的证明。请在下方选择您的创世文件，或索取证据包。",
    SUITE_MISSING: "它使用了本页面不具备的密码套件。请安装该套件后使用 gridledger verify。",
    other: "请勿采信，并索取由枢纽新生成的文件。",
  },
  stepsHeading: "从数据到签名者的各步骤",
  states: { held: "成立", failed: "不成立", open: "未执行", absent: "文件中没有" },
  steps: {
    data: ["数据", "文件所述内容位于该交易中"],
    leaf: ["叶", "交易的哈希"],
    root: ["根", "叶可推导至区块的根"],
    header: ["区块头", "含有该根的区块"],
    seals: ["封印", "达到法定人数的验证者已签署区块头"],
    genesis: ["创世", "自创世起可逐一追溯验证者"],
    signature: ["签名", "发送者的密钥签署了该交易"],
    certificate: ["证书", "当时为签名者登记"],
    revocation: ["吊销状态", "依据链的状态"],
  },
  facts: {
    ...{ chainId: "链标识", handovers: "验证者变更次数", signers: "签名数" },
    ...{ confirmations: "后续区块", height: "高度", blockTime: "时间" },
    ...{ blockHash: "区块哈希", leaf: "叶哈希", siblings: "路径哈希数" },
    ...{ txRoot: "根", key: "公钥", epoch: "密钥序号", chunks: "已验证分块" },
    ...{ signer: "签名者", since: "身份始于区块", recorded: "登记于区块" },
    ...{ fingerprint: "指纹", validFrom: "有效期始", validTo: "有效期至" },
    ...{ meter: "电表", readingTime: "读数时间", objectName: "名称", kind: "种类" },
    ...{ revokedFrom: "自区块起吊销", reason: "原因", shownUpTo: "证实至区块" },
    ...{ count: (n, of) => `${n} / ${of}` },
  },
  foot: "与 gridledger verify 使用同一套代码。本页面不含跟踪器，也不加载任何内容。",
};
