const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * A P1 timestamp (TST, DSMR 5.0.2 §6.4): local `YYMMDDhhmmss` and S in summer time or W in winter time;
 * DSMR 2.2 and 3 have no letter, then the EU's rule decides. Null for what is not a moment: meters
 * send 632525252525W where they have none.
 *
 * @param winterOffsetMinutes local winter time minus UTC; 60 in Amsterdam, Brussels, Stockholm
 */
export function parseTimestamp(text: string, winterOffsetMinutes: number): number | null {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW])?$/.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(Number);
  const localMs = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  const isReal =
    month >= 1 &&
    month <= 12 &&
    new Date(localMs).getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!isReal) return null;
  const winterMs = localMs - winterOffsetMinutes * MINUTE_MS;
  const isSummer = match[7] === undefined ? isSummerTime(winterMs) : match[7] === "S";
  return isSummer ? winterMs - HOUR_MS : winterMs;
}

/** The moment as TST with its letter by the EU's rule. */
export function formatTimestamp(timeMs: number, winterOffsetMinutes: number): string {
  const isSummer = isSummerTime(timeMs);
  const localMs = timeMs + winterOffsetMinutes * MINUTE_MS + (isSummer ? HOUR_MS : 0);
  const digits = new Date(localMs).toISOString().replace(/\D/g, "").slice(2, 14);
  return `${digits}${isSummer ? "S" : "W"}`;
}

/** Directive 2000/84/EC: from the last Sunday of March to the last of October, 01:00 UTC. */
function isSummerTime(timeMs: number): boolean {
  const year = new Date(timeMs).getUTCFullYear();
  return timeMs >= lastSunday(year, 2) && timeMs < lastSunday(year, 9);
}

function lastSunday(year: number, monthIndex: number): number {
  const lastDay = new Date(Date.UTC(year, monthIndex + 1, 0));
  return Date.UTC(year, monthIndex, lastDay.getUTCDate() - lastDay.getUTCDay(), 1);
}
