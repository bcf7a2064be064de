const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^(-?\d{2,3}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/;
const ZONE = /(Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)$/;
const MINUTE_MS = 60_000;
/** PostgreSQL has these; they are before and after every other. */
const ENDS: readonly string[] = ["infinity", "-infinity"];

/** `2026-03-29`; MySQL's `0000-00-00` is a value like others. Undefined where it is no date. */
export function canonicalDate(text: string): string | undefined {
  if (ENDS.includes(text)) return text;
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || Number(month) > 12 || Number(day) > 31) return undefined;
  return text;
}

/** `07:30:00.25`: no zeros at the end of a fraction. MySQL's durations go to ±838 hours. */
export function canonicalTime(text: string): string | undefined {
  const [, hour, minute, second, fraction = ""] = TIME.exec(text) ?? [];
  if (hour === undefined || Number(minute) > 59 || Number(second) > 60) return undefined;
  const digits = withoutEndZeros(fraction);
  return `${hour}:${minute}:${second}${digits === "" ? "" : `.${digits}`}`;
}

/** `2026-03-29T07:30:00`: what stands in the column, in no zone. */
export function canonicalTimestamp(text: string): string | undefined {
  if (ENDS.includes(text)) return text;
  const date = canonicalDate(text.slice(0, 10));
  const time = canonicalTime(text.slice(11));
  const isJoined = text[10] === " " || text[10] === "T";
  return date === undefined || time === undefined || !isJoined ? undefined : `${date}T${time}`;
}

/** An instant in UTC; what has no zone is UTC, as the connectors ask their servers to say it. */
export function canonicalInstant(text: string): string | undefined {
  if (ENDS.includes(text)) return text;
  // A zone behind a time: the date's own hyphens are no zone.
  const zone = text.length > 11 ? ZONE.exec(text.slice(11))?.[1] : undefined;
  const local = canonicalTimestamp(zone === undefined ? text : text.slice(0, -zone.length));
  if (local === undefined) return undefined;
  const offsetMs = zone === undefined || zone === "Z" ? 0 : offsetOf(zone);
  if (offsetMs === 0) return `${local}Z`;
  const [seconds = "", fraction] = local.split(".");
  const atMs = Date.parse(`${seconds}Z`);
  // A day that is none, as February 31st, would be read as another one.
  if (Number.isNaN(atMs) || shown(atMs) !== seconds) return undefined;
  const utc = shown(atMs - offsetMs);
  if (utc === undefined) return undefined;
  return `${utc}${fraction === undefined ? "" : `.${fraction}`}Z`;
}

/** To the second; undefined before the year 0 and after 9999, which take more digits. */
function shown(atMs: number): string | undefined {
  const text = new Date(atMs).toISOString();
  return text.length === 24 ? text.slice(0, 19) : undefined;
}

/** `+02`, `+0530`, `-03:30`, `+00:19:32` in ms. */
function offsetOf(zone: string): number {
  const digits = zone.slice(1).replaceAll(":", "").padEnd(6, "0");
  const [hours, minutes, seconds] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2)));
  const ms = (hours! * 60 + minutes!) * MINUTE_MS + seconds! * 1_000;
  return zone.startsWith("-") ? -ms : ms;
}

function withoutEndZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  return digits.slice(0, end);
}
