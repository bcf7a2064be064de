import { Fault } from "@gridledger/protocol/faults";

/**
 * What a database error means for whoever runs the hub. SQLite's result codes: sqlite.org/rescode.html.
 */
export function storeFault(thrown: unknown, file: string): unknown {
  if (thrown instanceof Fault) return thrown;
  const code = String((thrown as { code?: unknown } | null)?.code ?? "");
  const text = String((thrown as { message?: unknown } | null)?.message ?? "");
  if (
    /SQLITE_(CORRUPT|NOTADB)/.test(code) ||
    /malformed|not a database|file is encrypted/.test(text)
  ) {
    return new Fault(
      "STORE_CORRUPT",
      `${file} is damaged; restore it from a copy or remove it to sync again`,
      { cause: thrown },
    );
  }
  if (code === "SQLITE_FULL" || code === "ENOSPC") {
    return new Fault("STORE_FULL", `no room is left for ${file}`, { cause: thrown });
  }
  if (code === "SQLITE_CANTOPEN") {
    return new Fault("CONFIG_INVALID", `${file} cannot be opened`, { cause: thrown });
  }
  return thrown;
}
