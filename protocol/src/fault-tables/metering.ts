import type { FaultTable } from "./fault-table.ts";

/** Meters, frames and the spool. */
export const meteringFaults = {
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
} as const satisfies FaultTable;
