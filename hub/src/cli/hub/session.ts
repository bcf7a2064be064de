import type { ApiClient } from "@gridledger/protocol/api/client";
import { Fault } from "@gridledger/protocol/faults";
import { askSecret, readFirstLine } from "./secret.ts";

export interface Credentials {
  readonly user: string;
  /** Read when it is needed: the terminal may have to be asked. */
  readonly password: () => Promise<string>;
}

interface SessionOptions {
  readonly user?: string;
  readonly passwordFile?: string;
  readonly tokenFile?: string;
}

/**
 * Who signs in; undefined where nobody is named. A password is never an argument: others on the machine
 * can read those.
 *
 * @throws Fault USAGE_INVALID, FILE_UNREADABLE
 */
export function readCredentials(options: SessionOptions): Credentials | undefined {
  const user = options.user ?? process.env.GRIDLEDGER_USER;
  const file = options.passwordFile ?? process.env.GRIDLEDGER_PASSWORD_FILE;
  if (!user && !file) return undefined;
  if (user && !file && process.stdin.isTTY) {
    return { user, password: () => askSecret(`Password of ${user}: `) };
  }
  if (!user || !file) {
    throw new Fault("USAGE_INVALID", "give both: --user <name> and --password-file <file>");
  }
  const password = readFirstLine(file);
  if (password === "") throw new Fault("USAGE_INVALID", `${file}: there is no password in it`);
  return { user, password: () => Promise.resolve(password) };
}

/** The API token of `--token-file`, GRIDLEDGER_TOKEN_FILE or GRIDLEDGER_TOKEN. @throws Fault USAGE_INVALID */
export function readToken(options: SessionOptions): string | undefined {
  const file = options.tokenFile ?? process.env.GRIDLEDGER_TOKEN_FILE;
  const token = file ? readFirstLine(file).trim() : process.env.GRIDLEDGER_TOKEN;
  if (!token) return undefined;
  if (/^gl[ts]_[\w-]{43}$/.test(token)) return token;
  throw new Fault("USAGE_INVALID", `${file ?? "GRIDLEDGER_TOKEN"}: this is no token`);
}

/** The first line of a file that holds a secret. @throws Fault USAGE_INVALID, FILE_UNREADABLE */
export function readSecret(option: string, file: string | undefined): string {
  if (file === undefined) throw new Fault("USAGE_INVALID", `${option} is missing`);
  const secret = readFirstLine(file);
  if (secret.length < 12) throw new Fault("PASSWORD_WEAK", `${file}: at least 12 characters`);
  return secret;
}

/** What a browser would keep of a session: its cookie and the token that changes need (ADR 005). */
export class Session {
  #cookie = "";
  #csrfToken = "";

  headers(): Record<string, string> {
    return {
      ...(this.#cookie === "" ? {} : { cookie: this.#cookie }),
      ...(this.#csrfToken === "" ? {} : { "x-csrf-token": this.#csrfToken }),
    };
  }

  /** Remembers the cookie that an answer sets. */
  keep(response: Response): void {
    const [first] = response.headers.getSetCookie();
    if (first !== undefined) this.#cookie = first.split(";")[0]!;
  }

  /** An answer that opens another session brings its token. */
  renew(answer: object): void {
    if ("csrfToken" in answer) this.#csrfToken = String(answer.csrfToken ?? "");
  }

  async signIn(client: ApiClient, { user, password }: Credentials): Promise<void> {
    const body = { user, password: await password() };
    const { csrfToken } = await client.call("signIn", { body });
    this.#csrfToken = csrfToken ?? "";
  }

  /** Once; a hub that has gone meanwhile has nothing left to end. */
  async signOut(client: ApiClient): Promise<void> {
    if (this.#csrfToken === "") return;
    await client.call("signOut").catch(() => undefined);
    this.#cookie = "";
    this.#csrfToken = "";
  }
}
