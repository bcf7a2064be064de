import { Fault } from "@gridledger/protocol/faults";
import { crc16Arc } from "../crc16-arc.ts";

const MAX_LINES = 512;
const BANG = 0x21;
const CR = 0x0d;

/** One data set: `id(value)(value)…`, IEC 62056-21 §6.5. */
export interface DataLine {
  /** As sent; OBIS codes in full or reduced form. */
  readonly id: string;
  readonly values: readonly string[];
}

export interface Telegram {
  /** The line behind `/`, e.g. `ISk5\2MT382-1000`. */
  readonly identification: string;
  readonly lines: readonly DataLine[];
  /** Lines that are no data set; the CRC says that the meter sent them so. */
  readonly unreadable: number;
}

const linePattern = /^([^()]{0,40})((?:\([^()]*\))+)$/;

/**
 * Reads one telegram as the splitter cut it. Every data line is kept, known or not.
 *
 * @throws Fault P1_CHECKSUM, P1_TELEGRAM
 */
export function parseTelegram(bytes: Uint8Array): Telegram {
  const bang = bytes.lastIndexOf(BANG);
  if (bang < 0) throw new Fault("P1_TELEGRAM", "the telegram has no !");
  const hasChecksum = checkChecksum(bytes, bang);
  const text = Buffer.from(bytes.subarray(0, bang)).toString("latin1");
  if (!text.startsWith("/")) throw new Fault("P1_TELEGRAM", "the telegram does not begin with /");
  if (!text.endsWith("\n")) throw new Fault("P1_TELEGRAM", "the ! stands inside a line");
  const [first = "", ...rest] = text.slice(1).split("\n").map(withoutReturns);
  if (rest.length > MAX_LINES) throw new Fault("P1_TELEGRAM", `more than ${MAX_LINES} lines`);
  if (hasChecksum) return { identification: first, ...joinLines(rest.map(tryParseLine)) };
  // The identification line may hold control characters: its \\W sequence (IEC 62056-21 §6.3.2).
  if (rest.some((line) => /[^\x20-\x7e]/.test(line))) {
    throw new Fault("P1_TELEGRAM", "a byte is not ASCII; check the baud rate and the parity");
  }
  const { lines } = joinLines(rest.map(parseLine));
  if (mustHaveChecksum(lines)) {
    throw new Fault("P1_CHECKSUM", "a telegram of this version must carry a CRC");
  }
  return { identification: first, lines, unreadable: 0 };
}

/** DSMR 5.0.2 §6.2: CRC over everything from `/` to `!`. False when there is none. */
function checkChecksum(bytes: Uint8Array, bang: number): boolean {
  const digits = Buffer.from(bytes.subarray(bang + 1)).toString("latin1");
  if (digits === "") return false;
  const covered = bytes.subarray(0, bang + 1);
  const computed = crc16Arc(covered);
  const sent = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
  if (sent !== computed && sent !== crcWithCarriageReturns(covered)) {
    const expected = computed.toString(16).toUpperCase().padStart(4, "0");
    throw new Fault("P1_CHECKSUM", `the telegram says ${digits}, its bytes give ${expected}`);
  }
  return true;
}

/**
 * The CRC of what the meter sent where something on the way made CR LF into LF, as terminals and files
 * do; all other bytes are covered as before. Undefined when there is a CR.
 */
function crcWithCarriageReturns(bytes: Uint8Array): number | undefined {
  if (bytes.includes(CR)) return undefined;
  const text = Buffer.from(bytes).toString("latin1").replaceAll("\n", "\r\n");
  return crc16Arc(Buffer.from(text, "latin1"));
}

/** Only DSMR 2.2 and 3 have no CRC, and these carry neither a version nor the meter's time. */
function mustHaveChecksum(lines: readonly DataLine[]): boolean {
  return lines.some(({ id }) => id === "1-3:0.2.8" || id === "0-0:96.1.4" || id === "0-0:1.0.0");
}

/** Null for a line that could not be read: it counts. */
function joinLines(parsed: readonly (DataLine | null)[]): {
  lines: DataLine[];
  unreadable: number;
} {
  const lines: DataLine[] = [];
  let unreadable = 0;
  for (const line of parsed) {
    const before = lines.at(-1);
    if (line === null) unreadable++;
    else if (line.id !== "") lines.push(line);
    else if (line.values.length === 0) continue;
    else if (before === undefined) throw new Fault("P1_TELEGRAM", "a value stands without an id");
    // DSMR 3.0 §5.5.1: the gas value is on a line of its own below its profile header.
    else lines[lines.length - 1] = { id: before.id, values: [...before.values, ...line.values] };
  }
  return { lines, unreadable };
}

/** By steps: a pattern for "carriage returns, then the end" takes quadratic time on rows of them. */
function withoutReturns(line: string): string {
  let end = line.length;
  while (line.charCodeAt(end - 1) === CR) end--;
  return line.slice(0, end);
}

/** An empty line has neither id nor values. */
function parseLine(text: string): DataLine {
  const line = tryParseLine(text);
  if (line !== null) return line;
  throw new Fault("P1_TELEGRAM", "a line is not id(value)…", {
    data: { line: text.slice(0, 80) },
  });
}

function tryParseLine(text: string): DataLine | null {
  if (text.trim() === "") return { id: "", values: [] };
  const [, id, groups] = linePattern.exec(text.trim()) ?? [];
  if (id === undefined || groups === undefined) return null;
  return { id, values: groups.slice(1, -1).split(")(") };
}
