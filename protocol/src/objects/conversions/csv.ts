import { unfit } from "./unfit.ts";

/**
 * RFC 4180 in one form: lines end with LF, the last one too, and a cell is quoted only where it must be.
 * Cells are taken as they stand: no trimming, no numbers, no dates.
 */
export function canonicalCsv(text: string): string {
  const rows = cellsOf(text);
  const width = rows[0]?.length ?? 0;
  for (const [i, row] of rows.entries()) {
    if (row.length !== width) unfit(`row ${i + 1} has ${row.length} cells, the first has ${width}`);
  }
  return rows.map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** @throws Fault OBJECT_CONVERSION, naming the line */
function cellsOf(text: string): string[][] {
  if (text.includes("\u0000")) unfit("there are NUL characters: not CSV in UTF-8");
  const rows: string[][] = [];
  let row: string[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length || row.length > 0) {
    const cell = text[at] === '"' ? quotedCell(text, at, line) : plainCell(text, at, line);
    row.push(cell.text);
    line += cell.lines;
    at = cell.end;
    if (text[at] === ",") {
      at++;
      continue;
    }
    rows.push(row);
    row = [];
    line++;
    at += text.startsWith("\r\n", at) ? 2 : 1;
  }
  return rows;
}

interface Cell {
  readonly text: string;
  /** Behind it: a comma, the end of the line, or the end. */
  readonly end: number;
  /** Line ends within it. */
  readonly lines: number;
}

function plainCell(text: string, from: number, line: number): Cell {
  const rest = /[",\r\n]/g;
  rest.lastIndex = from;
  const found = rest.exec(text);
  const end = found?.index ?? text.length;
  if (found?.[0] === '"') unfit(`line ${line}: a quote within a cell that does not begin with one`);
  checkEnd(text, end, line);
  return { text: text.slice(from, end), end, lines: 0 };
}

function quotedCell(text: string, from: number, line: number): Cell {
  let end = from + 1;
  for (;;) {
    end = text.indexOf('"', end);
    if (end < 0) unfit(`line ${line}: a quote is never closed`);
    if (text[end + 1] !== '"') break;
    end += 2;
  }
  const raw = text.slice(from + 1, end);
  checkEnd(text, end + 1, line);
  return { text: raw.replaceAll('""', '"'), end: end + 1, lines: raw.split("\n").length - 1 };
}

function checkEnd(text: string, at: number, line: number): void {
  const isEnd = at >= text.length || text[at] === "," || text[at] === "\n";
  if (isEnd || text.startsWith("\r\n", at)) return;
  unfit(`line ${line}: ${text[at] === "\r" ? "a lone CR" : "text behind a closing quote"}`);
}
