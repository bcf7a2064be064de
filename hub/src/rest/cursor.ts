import { Fault } from "@gridledger/protocol/faults";

/** A cursor of numbers, `12` or `12.3.4`. @throws Fault REQUEST_INVALID */
export function parseCursor(cursor: string, numbers: number): number[] {
  const parts = cursor.split(".").map((part) => (/^\d{1,16}$/.test(part) ? Number(part) : -1));
  const areGood = parts.every((part) => Number.isSafeInteger(part) && part >= 0);
  if (!areGood || parts.length !== numbers) {
    throw new Fault("REQUEST_INVALID", "cursor: not one that this route gave");
  }
  return parts;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
}

/** Of `limit + 1` rows that were asked for, the page and whether there is another. */
export function cut<Item>(rows: readonly Item[], limit: number): Page<Item> {
  return { items: rows.slice(0, limit), hasMore: rows.length > limit };
}
