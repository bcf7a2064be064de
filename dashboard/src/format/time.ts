import { locale, words } from "../state/language.ts";
import { formatCount, formatDecimal } from "./number.ts";

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale.value} ${name}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale.value, { hourCycle: "h23", ...options });
    formats.set(key, format);
  }
  return format;
}

/** 02:10:07 */
export function formatClock(timeMs: number): string {
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  return dateFormat("clock", options).format(timeMs);
}

/** 02:10 today, with the date on any other day, and with the year in any other year. */
export function formatSince(timeMs: number, nowMs: number): string {
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  if (sameDay(timeMs, nowMs)) return dateFormat("minute", clock).format(timeMs);
  if (!sameYear(timeMs, nowMs)) {
    return dateFormat("year-minute", { dateStyle: "medium", timeStyle: "short" }).format(timeMs);
  }
  return dateFormat("day-minute", { day: "numeric", month: "short", ...clock }).format(timeMs);
}

/** 21 Nov 2026, 02:10:07 */
export function formatDateTime(timeMs: number): string {
  return dateFormat("full", { dateStyle: "medium", timeStyle: "medium" }).format(timeMs);
}

/** 02:10:07 today, with the date on any other day and the year in any other: for columns of times. */
export function formatMoment(timeMs: number, nowMs: number): string {
  if (sameDay(timeMs, nowMs)) return formatClock(timeMs);
  if (!sameYear(timeMs, nowMs)) return formatDateTime(timeMs);
  const options = { day: "numeric", month: "short", hour: "2-digit" } as const;
  return dateFormat("moment", { ...options, minute: "2-digit", second: "2-digit" }).format(timeMs);
}

/** A length of time in its largest fitting unit: 3 s, 12 min, 5 h, 2 d. */
export function formatDuration(ms: number): string {
  const { second, minute, hour, day } = words.value.common;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 90) return second(formatCount(seconds));
  if (seconds < 5400) return minute(formatCount(Math.round(seconds / 60)));
  if (ms < 2 * dayMs) return hour(formatCount(Math.round(seconds / 3600)));
  return day(formatCount(Math.round(ms / dayMs)));
}

/** A block interval: 2.1 s. */
export function formatInterval(ms: number): string {
  return ms < 60_000 ? words.value.common.second(formatDecimal(ms / 1000, 1)) : formatDuration(ms);
}

export function formatAgo(timeMs: number, nowMs: number): string {
  const elapsed = nowMs - timeMs;
  return elapsed < 1000
    ? words.value.common.justNow
    : words.value.common.ago(formatDuration(elapsed));
}

function sameYear(a: number, b: number): boolean {
  return new Date(a).getFullYear() === new Date(b).getFullYear();
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
