/**
 * A data line's id as `A-B:C.D.E` or `A-B:C.D.E*F`: a reduced id (IEC 62056-21 §6.5, `1.8.0`) is of
 * electricity, channel 0; a last group of 255 means "current" and is left out. Null where the id is
 * no OBIS code (`F.F`, `C.1.0`).
 */
export function obisOf(id: string): string | null {
  const match =
    /^(?:(\d{1,3})-(\d{1,3}):)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:[.*&](\d{1,3}))?$/.exec(id);
  if (match === null) return null;
  const [, a = "1", b = "0", c = "", d = "", e = "", f = "255"] = match;
  const groups = [a, b, c, d, e, f].map(Number);
  if (groups.some((group) => group > 255)) return null;
  const [media, channel, quantity, kind, tariff, history] = groups;
  const current = `${media}-${channel}:${quantity}.${kind}.${tariff}`;
  return history === 255 ? current : `${current}*${history}`;
}
