import { Fault } from "../faults.ts";

/** From which height the page of an epoch signs: beside the first page, as `<name>.turns.json`. */
export interface KeyTurnEntry {
  readonly epoch: number;
  readonly fromHeight: number;
}

const FORMAT = "gridledger-key-turns/1";
const PAGE = /\.page$/;

/** The page of a later epoch, beside the first: `gateway.page`, `gateway.2.page`. */
export function pageFileOf(firstPage: string, epoch: number): string {
  return epoch === 1 ? firstPage : firstPage.replace(PAGE, `.${epoch}.page`);
}

export function turnsFileOf(firstPage: string): string {
  return firstPage.replace(PAGE, ".turns.json");
}

/** The rotation that is on its way, as it was signed: it is sent until it is final. */
export function rotationFileOf(firstPage: string): string {
  return firstPage.replace(PAGE, ".rotation");
}

export function formatKeyTurns(turns: readonly KeyTurnEntry[]): string {
  return `${JSON.stringify({ format: FORMAT, turns }, null, 2)}\n`;
}

/** @throws Fault KEY_PAGE_INVALID */
export function parseKeyTurns(json: string): KeyTurnEntry[] {
  // No schema library: a gateway reads this, and its memory is small.
  try {
    const { format, turns } = JSON.parse(json);
    if (format === FORMAT && Array.isArray(turns)) return turns.map(entryOf);
  } catch (cause) {
    throw new Fault("KEY_PAGE_INVALID", "the list of key turns is not well formed", { cause });
  }
  throw new Fault("KEY_PAGE_INVALID", "the list of key turns is not well formed");
}

function entryOf({ epoch, fromHeight }: KeyTurnEntry): KeyTurnEntry {
  const isEntry = Number.isSafeInteger(epoch) && epoch > 1 && Number.isSafeInteger(fromHeight);
  if (!isEntry || fromHeight < 1) throw new Fault("KEY_PAGE_INVALID");
  return { epoch, fromHeight };
}
