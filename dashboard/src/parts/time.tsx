import {
  formatAgo,
  formatClock,
  formatDateTime,
  formatMoment,
  formatSince,
} from "../format/time.ts";
import { nowMs } from "../state/clock.ts";

interface TimeProps {
  readonly ms: number;
  /** "clock" 02:10:07 · "full" with the date · "moment" 02:10:07, with the date when not today · "since" 02:10, with the date when not today · "ago" 3 s ago. */
  readonly as: "clock" | "full" | "moment" | "since" | "ago";
}

export function Time({ ms, as }: TimeProps) {
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatDateTime(ms)}>
      {text(ms, as)}
    </time>
  );
}

function text(ms: number, as: TimeProps["as"]): string {
  if (as === "clock") return formatClock(ms);
  if (as === "full") return formatDateTime(ms);
  if (as === "moment") return formatMoment(ms, nowMs.value);
  return as === "since" ? formatSince(ms, nowMs.value) : formatAgo(ms, nowMs.value);
}
