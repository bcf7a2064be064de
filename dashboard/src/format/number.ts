import { locale, words } from "../state/language.ts";

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(minimum: number, maximum: number): Intl.NumberFormat {
  const key = `${locale.value} ${minimum} ${maximum}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale.value, {
      minimumFractionDigits: minimum,
      maximumFractionDigits: maximum,
    });
    formats.set(key, format);
  }
  return format;
}

export function formatCount(value: number): string {
  return numberFormat(0, 0).format(value);
}

/** With exactly so many decimals, so that a column lines up. */
export function formatDecimal(value: number, decimals: number): string {
  return numberFormat(decimals, decimals).format(value);
}

/** Three significant digits or so, for rates: 0.25, 4.2, 318. */
export function formatRate(value: number): string {
  if (value !== 0 && value < 1) return formatDecimal(value, 2);
  return value < 100 ? formatDecimal(value, 1) : formatCount(value);
}

/** Bytes as kB, MB or GB (powers of ten, as disks are sold). */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return words.value.common.bytes(formatCount(bytes));
  const units = ["kB", "MB", "GB", "TB"];
  const step = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  const scaled = bytes / 1000 ** step;
  return `${formatDecimal(scaled, scaled < 100 ? 1 : 0)} ${units[step - 1]}`;
}
