/** Where a command's answer goes: text for people, one JSON value for scripts. */
export interface OutputOptions {
  readonly json?: boolean | undefined;
}

/** Prints `value` as one line of JSON under `--json`, else the lines. */
export function printAnswer(
  options: OutputOptions,
  value: unknown,
  lines: () => readonly string[],
): void {
  const text = options.json === true ? JSON.stringify(value) : lines().join("\n");
  process.stdout.write(`${text}\n`);
}

/** Columns padded to their widest cell. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

export function formatTime(timeMs: number | null): string {
  return timeMs === null ? "never" : new Date(timeMs).toISOString();
}

/** The value as an exact decimal: `value · 10^scaler`. */
export function formatScaled(value: number | null, scaler: number): string {
  if (value === null) return "–";
  if (scaler >= 0) return `${value}${"0".repeat(value === 0 ? 0 : scaler)}`;
  const digits = String(Math.abs(value)).padStart(1 - scaler, "0");
  const sign = value < 0 ? "-" : "";
  return `${sign}${digits.slice(0, scaler)}.${digits.slice(scaler)}`;
}
