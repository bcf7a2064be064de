import { createHash } from "node:crypto";
import { LoginGuard } from "@gridledger/protocol/access/login-guard";
import { PasswordHasher } from "@gridledger/protocol/access/password-hasher";
import type { RpcUser } from "@gridledger/protocol/access/rpc-users";
import { Fault } from "@gridledger/protocol/faults";
import { type RpcCaller, rpcCaller } from "./rpc-method.ts";

const REMEMBER_MS = 300_000;
const MAX_REMEMBERED = 256;

interface RpcAccessDeps {
  /** The users as the file holds them now; the same list while it has not changed. */
  readonly users: () => readonly RpcUser[];
  /** Wall clock in ms. */
  readonly now: () => number;
}

interface Remembered {
  readonly caller: RpcCaller;
  readonly untilMs: number;
}

/** Who a request's Authorization header speaks for: a password (RFC 7617) or a token (RFC 6750). */
export class RpcAccess {
  readonly #deps: RpcAccessDeps;
  readonly #hasher = new PasswordHasher();
  readonly #guard: LoginGuard;
  /** argon2id costs 50 ms and 19 MiB by intent: a right header is not hashed at every call. */
  readonly #remembered = new Map<string, Remembered>();
  #users: readonly RpcUser[] = [];
  #decoyHash: Promise<string> | undefined;

  constructor(deps: RpcAccessDeps) {
    this.#deps = deps;
    this.#guard = new LoginGuard(deps.now, { freeFailures: 5, maxLockMs: 900_000 });
  }

  /** @throws Fault RPC_UNAUTHORIZED, LOGIN_LOCKED, RATE_LIMITED, CONFIG_INVALID for a broken file */
  async of(authorization: string | undefined, address: string): Promise<RpcCaller> {
    this.#readUsers();
    const [scheme, credentials = ""] = (authorization ?? "").split(" ", 2);
    if (scheme?.toLowerCase() === "bearer") return this.#byToken(credentials, address);
    if (scheme?.toLowerCase() !== "basic") throw new Fault("RPC_UNAUTHORIZED");
    return this.#byPassword(credentials, address);
  }

  /** Whoever was removed or changed is asked again at the next call. */
  #readUsers(): void {
    const users = this.#deps.users();
    if (users === this.#users) return;
    this.#users = users;
    this.#remembered.clear();
  }

  #byToken(token: string, address: string): RpcCaller {
    this.#guard.check(address);
    const digest = sha256(token);
    const now = this.#deps.now();
    for (const { name, tokens } of this.#users) {
      const found = tokens.find(({ hash }) => hash === digest);
      if (found === undefined) continue;
      if (found.expiresAtMs <= now) throw new Fault("RPC_UNAUTHORIZED", "the token has expired");
      return rpcCaller(`${name}/${found.id}`, found.methods);
    }
    this.#guard.failed(address);
    throw new Fault("RPC_UNAUTHORIZED");
  }

  async #byPassword(credentials: string, address: string): Promise<RpcCaller> {
    const now = this.#deps.now();
    const key = sha256(credentials);
    const known = this.#remembered.get(key);
    if (known !== undefined && known.untilMs > now) return known.caller;
    this.#guard.check(address);
    const text = Buffer.from(credentials, "base64").toString("utf8");
    const at = text.indexOf(":");
    const user = this.#users.find(({ name }) => name === text.slice(0, Math.max(0, at)));
    this.#decoyHash ??= this.#hasher.hash(`${now}`);
    // A name that is not there takes as long as one that is.
    const hash = user?.passwordHash ?? (await this.#decoyHash);
    const isRight = await this.#hasher.verify(hash, text.slice(at + 1));
    if (user === undefined || !isRight) {
      this.#guard.failed(address);
      throw new Fault("RPC_UNAUTHORIZED", "the user name or the password is wrong");
    }
    this.#guard.succeeded(address);
    const caller = rpcCaller(user.name, user.methods);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    if (this.#users.includes(user)) {
      this.#remembered.set(key, { caller, untilMs: now + REMEMBER_MS });
    }
    return caller;
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
