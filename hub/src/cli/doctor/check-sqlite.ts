import { asFault } from "@gridledger/protocol/faults";
import { type Finding, fail, ok } from "./check.ts";
import { queryOnce } from "./query-once.ts";

/** The native module loads and answers. */
export async function checkSqlite(): Promise<Finding> {
  try {
    const [row] = await queryOnce(":memory:", "SELECT sqlite_version() AS version");
    return ok("sqlite3", `SQLite ${String(row?.version)}`);
  } catch (thrown) {
    const reason = asFault(thrown).message;
    return fail("sqlite3", `the native module does not work (${reason}): run npm rebuild sqlite3`);
  }
}
