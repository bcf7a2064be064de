import type { FaultTable } from "./fault-table.ts";

/** Corrections of readings (guide §4.4.1 a). */
export const correctionFaults = {
  CORRECTION_SHAPE: {
    status: 400,
    en: "The correction is not well formed: look at its values, their times and their order.",
    zh: "更正格式不正确；请检查各值、时间及其顺序。",
  },
  CORRECTION_ORIGINAL: {
    status: 409,
    en: "The chain holds no such reading: look at meter, batch, time and register.",
    zh: "链上没有该读数；请检查电表、批次、时间和寄存器。",
  },
  CORRECTION_UNIT: {
    status: 409,
    en: "The register has another unit or scaler; correct it in its own.",
    zh: "该寄存器的单位或倍率不同；请按其自身的单位更正。",
  },
  CORRECTION_STALE: {
    status: 409,
    en: "The value to correct is not what stands there now; read it again and decide anew.",
    zh: "待更正的值与当前有效值不符；请重新读取后再决定。",
  },
  CORRECTION_SEQUENCE: {
    status: 409,
    en: "The correction does not follow the meter's last one; make it anew.",
    zh: "该更正与此电表的上一次更正不衔接；请重新生成。",
  },
  CORRECTION_VALUE: {
    status: 400,
    en: "No register says this: the new value is negative, too large, or changes nothing.",
    zh: "寄存器不可能有此值：新值为负、过大或没有任何变化。",
  },
  CORRECTION_FUTURE: {
    status: 400,
    en: "A reading from after the block cannot be corrected yet.",
    zh: "晚于区块时间的读数尚不能更正。",
  },
  CORRECTION_OLD: {
    status: 409,
    en: "The reading is too old to be corrected: 8 days for the device, 400 for the operator.",
    zh: "读数过旧，无法更正：设备为 8 天内，运营方为 400 天内。",
  },
  CORRECTION_RIGHT: {
    status: 403,
    en: "Only the meter's own device corrects it alone; an operator needs the agreement of another.",
    zh: "只有电表自身的设备可单独更正；运营方需另一方同意。",
  },
  CORRECTION_FULL: {
    status: 409,
    en: "So many values of the meter are corrected already that the state keeps no more; wait until old ones go.",
    zh: "该电表已更正的值过多，状态不再保存；请等待旧记录过期。",
  },
} as const satisfies FaultTable;
