import { formatBytes, formatCount } from "../src/format/number.ts";
import { formatDateTime } from "../src/format/time.ts";
import { words as consoleWords } from "../src/state/language.ts";
import { words } from "./language.ts";
import type { Place, Subject } from "./verdict.ts";

/** Local time with its offset, since the reader may be elsewhere than the meter. */
export function formatZoned(timeMs: number): string {
  const minutes = -new Date(timeMs).getTimezoneOffset();
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const sign = minutes < 0 ? "−" : "+";
  const offset = minutes === 0 ? "" : `${sign}${pad(hours)}:${pad(rest)}`;
  return `${formatDateTime(timeMs)} UTC${offset}`;
}

const pad = (digits: number) => String(digits).padStart(2, "0");

/** What has been proven, the main thing first. */
export function sentences(subject: Subject, place: Place): readonly string[] {
  const { says } = words.value;
  const { identities, certificates } = consoleWords.value;
  const { channel, timeMs, signer, revoked, shownUpTo, confirmations } = place;
  const height = formatCount(place.height);
  const sealed =
    confirmations > 0
      ? says.confirmed(formatCount(confirmations))
      : says.sealed(formatCount(place.signers), formatCount(place.validators));
  const rest = [says.blockTime(formatZoned(timeMs))];
  if (signer !== undefined) {
    const role: Readonly<Record<string, string>> = identities.roles;
    rest.push(says.signer(signer.name, role[signer.role] ?? signer.role));
  }
  if (revoked !== undefined) {
    const reasons: Readonly<Record<string, string>> = certificates.reasons;
    const reason = reasons[revoked.reason] ?? revoked.reason;
    rest.push(says.revokedLater(formatCount(revoked.height), reason));
  } else if (shownUpTo !== undefined) {
    rest.push(says.notRevoked(formatCount(shownUpTo.height), formatZoned(shownUpTo.timeMs)));
  } else {
    rest.push(says.revocationUnknown);
  }
  const first = firstOf(subject, channel, height, sealed);
  return [first, ...detailsOf(subject), ...rest, says.unproven];
}

function firstOf(subject: Subject, channel: string, height: string, sealed: string): string {
  const { says } = words.value;
  switch (subject.about) {
    case "reading":
      return says.reading(subject.meter, formatZoned(subject.timeMs), channel, height, sealed);
    case "object":
      return says.object(subject.name, formatBytes(subject.sizeBytes), channel, height, sealed);
    case "transaction":
      return says.transaction(subject.kind, channel, height, sealed);
  }
}

function detailsOf(subject: Subject): string[] {
  const { says } = words.value;
  if (subject.about === "object" && subject.shownBytes < subject.sizeBytes) {
    return [says.part(formatBytes(subject.shownBytes), formatBytes(subject.sizeBytes))];
  }
  if (subject.about === "transaction" && subject.outcome !== undefined) {
    return [says.outcome(subject.outcome)];
  }
  return [];
}
