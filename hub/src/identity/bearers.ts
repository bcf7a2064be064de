import type { Subject } from "@gridledger/protocol/access/rules";
import type { Permission } from "@gridledger/protocol/api/access";
import { type Accounts, subjectOf } from "./accounts.ts";
import { KEY_TOKEN_PREFIX, type KeyLogin } from "./key-login.ts";
import { TOKEN_PREFIX, type Tokens } from "./tokens.ts";

/** Whom a bearer token stands for. */
export interface Bearer {
  readonly subject: Subject;
  /** All it may do; undefined: what its subject may. */
  readonly scope: readonly Permission[] | undefined;
}

interface BearersDeps {
  readonly accounts: Pick<Accounts, "find">;
  readonly tokens: Pick<Tokens, "use">;
  readonly keyLogin: Pick<KeyLogin, "find">;
}

/** Programs: an API token of a user, or the short token of one who signed in with a key. */
export class Bearers {
  readonly #deps: BearersDeps;

  constructor(deps: BearersDeps) {
    this.#deps = deps;
  }

  /** Undefined for one that is unknown, over, revoked, or whose user is disabled. */
  async find(secret: string): Promise<Bearer | undefined> {
    const { accounts, tokens, keyLogin } = this.#deps;
    if (secret.startsWith(KEY_TOKEN_PREFIX)) {
      const subject = await keyLogin.find(secret);
      return subject && { subject, scope: undefined };
    }
    const token = secret.startsWith(TOKEN_PREFIX) ? await tokens.use(secret) : undefined;
    const account = token && (await accounts.find(token.account));
    if (token === undefined || !account?.isEnabled) return undefined;
    return { subject: subjectOf(account), scope: token.permissions };
  }
}
