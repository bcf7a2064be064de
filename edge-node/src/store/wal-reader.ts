import { decodeGroup, type StoredRecord } from "../consensus/poa/wal-records.ts";
import type { WalRecord } from "../consensus/ports.ts";
import { readSegment } from "./wal-frames.ts";

export interface ReadWal {
  readonly wal: "intact" | "damaged" | "missing";
  readonly records: readonly WalRecord[];
  /** Transactions of the block records. */
  readonly bodies: readonly Uint8Array[];
  /** Where the last segment goes on. */
  readonly last: { readonly salt: Uint8Array; readonly goodBytes: number } | undefined;
}

/** What the segments say together, oldest first; bytes that make no sense are `damaged`, never thrown. */
export function readWal(segments: readonly Uint8Array[]): ReadWal {
  const newest = segments.length - 1;
  const stored: StoredRecord[] = [];
  let last: ReadWal["last"];
  let isDamaged = false;
  for (const [i, bytes] of segments.entries()) {
    const segment = readSegment(bytes);
    last = segment;
    // Only the newest segment can have been written to when the power went.
    const isTorn = segment?.tail === "torn" && i === newest;
    const groups = segment?.payloads.map(decodeOrNone) ?? [];
    isDamaged ||= !(isTorn || segment?.tail === "clean") || groups.includes(undefined);
    stored.push(...groups.flatMap((group) => group ?? []));
  }
  const recent = lastTwoHeights(stored);
  // A log without a record knows nothing: the power may have gone when a damaged one was set aside.
  const intactOrMissing = stored.length === 0 ? "missing" : "intact";
  return {
    wal: isDamaged ? "damaged" : intactOrMissing,
    records: recent.map(({ record }) => record),
    bodies: recent.flatMap(({ bodies }) => bodies),
    last,
  };
}

function decodeOrNone(payload: Uint8Array): StoredRecord[] | undefined {
  try {
    return decodeGroup(payload);
  } catch {
    return undefined;
  }
}

/** Nothing older can matter: the block before the height in progress is in the chain's own store. */
function lastTwoHeights(stored: readonly StoredRecord[]): StoredRecord[] {
  let highest = 0;
  for (const { record } of stored) {
    if (record.kind !== "amnesia") highest = Math.max(highest, record.height);
  }
  return stored.filter(({ record }) => record.kind === "amnesia" || record.height >= highest - 1);
}
