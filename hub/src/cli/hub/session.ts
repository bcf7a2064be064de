import { readFileSync } from "node:fs";
import type { ApiClient } from "@gridledger/protocol/api/client";
import { Fault } from "@gridledger/protocol/faults";
import { fileFault } from "../errors.ts";

const STDIN = 0;

interface Credentials {
  readonly user: string;
  readonly password: string;
}

interface SessionOptions {
  readonly user?: string;
  readonly passwordFile?: string;
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
  if (!user || !file) {
    throw new Fault("USAGE_INVALID", "give both: --user <name> and --password-file <file>");
  }
  const password = readFirstLine(file);
  if (password === "") throw new Fault("USAGE_INVALID", `${file}: there is no password in it`);
  return { user, password };
}

/** The first line of a file that holds a secret. @throws Fault USAGE_INVALID, FILE_UNREADABLE */
export function readSecret(option: string, file: string | undefined): string {
  if (file === undefined) throw new Fault("USAGE_INVALID", `${option} is missing`);
  const secret = readFirstLine(file);
  if (secret.length < 12) throw new Fault("PASSWORD_WEAK", `${file}: at least 12 characters`);
  return secret;
}

function readFirstLine(file: string): string {
  try {
    return readFileSync(file === "-" ? STDIN : file, "utf8").split(/\r?\n/)[0]!;
  } catch (thrown) {
    throw fileFault(file === "-" ? "standard input" : file, thrown);
  }
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

  async signIn(client: ApiClient, credentials: Credentials): Promise<void> {
    const { csrfToken } = await client.call("signIn", { body: credentials });
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
