import { Fault } from "@gridledger/protocol/faults";

/** Of the system, of knex's pool, PostgreSQL's class 08 and 57P, MySQL's lost connections, SQLite's lock. */
const UNREACHABLE =
  /^(E[A-Z]+(REFUSED|RESET|TIMEDOUT|NOTFOUND|PIPE|UNREACH|AGAIN)|08\w{3}|57P0\d|PROTOCOL_\w+|SQLITE_(BUSY|CANTOPEN|IOERR\w*)|ER_CON_COUNT_ERROR|ER_SERVER_SHUTDOWN)$/;
const LOST = /timeout acquiring|connection (terminated|ended|lost|closed)|can't add new command/i;

/**
 * What a driver's error means. Its own text may hold the statement, an address or a user: it goes to the
 * cause, which is logged by nobody but the debugger of a test, and only the code is shown.
 */
export function databaseFault(thrown: unknown, name: string): Fault {
  if (thrown instanceof Fault) return thrown;
  const { code, message } = thrown as { readonly code?: unknown; readonly message?: unknown };
  const shown = typeof code === "string" && /^\w{1,40}$/.test(code) ? code : "no code";
  if (UNREACHABLE.test(shown) || LOST.test(String(message))) {
    return new Fault("DATABASE_UNREACHABLE", `database ${name} does not answer (${shown})`);
  }
  return new Fault("DATABASE_REFUSED", `database ${name} refuses the question (${shown})`);
}
