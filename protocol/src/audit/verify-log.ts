import type { Hash } from "../crypto/suite.ts";
import { equalBytes } from "../hex.ts";
import { align, type Gap } from "./align.ts";
import { type AuditAnchor, anchoredLines, headCommitment } from "./audit-anchor.ts";
import { type AuditRecord, auditHash, FIRST_HASH, lineTag, TAG_BYTES } from "./audit-record.ts";

/** An anchor that was proven, and the salt that the hub keeps of it. */
export interface SaltedAnchor {
  readonly anchor: AuditAnchor;
  readonly salt: Uint8Array;
}

export interface LogFinding {
  /**
   * "moved": it stands at `now` · "broken": it does not fit the line before · "salt": its anchor's salt is not the
   * one that was anchored, so none of its lines can be judged · "beyond": from here on nothing can be compared.
   */
  readonly kind: "changed" | "deleted" | "inserted" | "moved" | "broken" | "salt" | "beyond";
  /** Its number when it was anchored; of an inserted or a broken line the number that it has. */
  readonly line: number;
  readonly now?: number;
}

export interface LogVerdict {
  readonly lines: number;
  /** Lines that the chain speaks for; those after them are judged by their own hashes alone. */
  readonly anchored: number;
  readonly findings: readonly LogFinding[];
}

/** A line as it was anchored; without a salt nobody can say whether it is the same. */
interface Expected {
  readonly line: number;
  readonly tag: string;
  readonly salt: Uint8Array | undefined;
}

/** Compares a log, ascending, with all of its anchors in order (guide §4.5.1). */
export function verifyLog(
  hash: Hash,
  records: readonly AuditRecord[],
  anchors: readonly SaltedAnchor[],
): LogVerdict {
  const expected = anchors.flatMap((anchor) => expectedLines(hash, anchor));
  const tags = new LineTags(hash, records);
  const isSame = ({ salt, tag }: Expected, at: number) =>
    salt === undefined || tags.of(salt, at) === tag;
  const { gaps, stoppedAt } = align({
    expected: expected.length,
    found: records.length,
    agrees: (line, at) => isSame(expected[line]!, at),
  });
  const findings: LogFinding[] = [
    ...anchors.filter((one) => !hasSalt(hash, one)).map(({ anchor }) => saltFinding(anchor)),
    ...nameLines(gaps, { expected, records, isSame }),
    ...(stoppedAt === undefined ? [] : [{ kind: "beyond" as const, line: stoppedAt + 1 }]),
    ...brokenLines(hash, records),
  ];
  if (findings.length === 0) findings.push(...wrongHeads(hash, records, anchors));
  findings.sort((one, other) => one.line - other.line);
  return { lines: records.length, anchored: expected.length, findings };
}

function hasSalt(hash: Hash, { anchor, salt }: SaltedAnchor): boolean {
  return equalBytes(hash(salt), anchor.saltHash);
}

function saltFinding({ firstLine }: AuditAnchor): LogFinding {
  return { kind: "salt", line: firstLine };
}

function expectedLines(hash: Hash, salted: SaltedAnchor): Expected[] {
  const { anchor } = salted;
  const salt = hasSalt(hash, salted) ? salted.salt : undefined;
  return Array.from({ length: anchoredLines(anchor) }, (_, at) => ({
    line: anchor.firstLine + at,
    tag: latin1(anchor.tags.subarray(at * TAG_BYTES, (at + 1) * TAG_BYTES)),
    salt,
  }));
}

interface Sides {
  readonly expected: readonly Expected[];
  readonly records: readonly AuditRecord[];
  readonly isSame: (line: Expected, at: number) => boolean;
}

/** What happened in the gaps: a line that is found in another one was moved, the others are paired as they stand. */
function nameLines(gaps: readonly Gap[], { expected, records, isSame }: Sides): LogFinding[] {
  const strange = new Set(gaps.flatMap(({ foundAt, strange: count }) => places(foundAt, count)));
  const findings: LogFinding[] = [];
  const numberOf = (at: number) => records[at]!.sequence;
  const lost = gaps.map(({ expectedAt, gone }) =>
    expected.slice(expectedAt, expectedAt + gone).filter((one) => {
      const at = [...strange].find((place) => isSame(one, place));
      if (at === undefined) return true;
      strange.delete(at);
      findings.push({ kind: "moved", line: one.line, now: numberOf(at) });
      return false;
    }),
  );
  for (const [i, { foundAt, strange: count }] of gaps.entries()) {
    const others = places(foundAt, count).filter((at) => strange.has(at));
    const gone = lost[i]!;
    for (const [k, { line }] of gone.entries()) {
      findings.push({ kind: k < others.length ? "changed" : "deleted", line });
    }
    for (const at of others.slice(gone.length)) {
      findings.push({ kind: "inserted", line: numberOf(at) });
    }
  }
  return findings;
}

function places(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, step) => from + step);
}

/** The first line whose own hash is not that of what it says and of the line before. */
function brokenLines(hash: Hash, records: readonly AuditRecord[]): LogFinding[] {
  const at = records.findIndex((record, place) => {
    const previous = records[place - 1]?.hash ?? FIRST_HASH;
    const isRight = equalBytes(auditHash(hash, previous, record), record.hash);
    return !isRight || record.sequence !== place + 1;
  });
  return at === -1 ? [] : [{ kind: "broken", line: records[at]!.sequence }];
}

/** Lines that say what was anchored, by their tags, and yet have not the anchored hash. */
function wrongHeads(
  hash: Hash,
  records: readonly AuditRecord[],
  anchors: readonly SaltedAnchor[],
): LogFinding[] {
  return anchors.flatMap(({ anchor, salt }) => {
    const line = anchor.firstLine - 1 + anchoredLines(anchor);
    const head = headCommitment(hash, salt, records[line - 1]!.hash);
    return equalBytes(head, anchor.head) ? [] : [{ kind: "changed" as const, line }];
  });
}

/** Tags of lines under the salts of anchors, each computed once. */
class LineTags {
  readonly #hash: Hash;
  readonly #records: readonly AuditRecord[];
  readonly #known = new Map<string, string>();

  constructor(hash: Hash, records: readonly AuditRecord[]) {
    this.#hash = hash;
    this.#records = records;
  }

  of(salt: Uint8Array, at: number): string {
    const name = `${latin1(salt)}${at}`;
    const known = this.#known.get(name) ?? latin1(lineTag(this.#hash, salt, this.#records[at]!));
    this.#known.set(name, known);
    return known;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
