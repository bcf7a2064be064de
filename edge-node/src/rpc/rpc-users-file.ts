import { readFileSync, statSync } from "node:fs";
import { parseRpcUsers, type RpcUser } from "@gridledger/protocol/access/rpc-users";
import { Fault } from "@gridledger/protocol/faults";

/** `rpc-users.json`, read again when it has changed. There are no default users. */
export class RpcUsersFile {
  readonly #path: string;
  #seen = "";
  #users: readonly RpcUser[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Nobody, where there is no file. @throws Fault CONFIG_INVALID, KEY_INVALID when others can read it */
  read(): readonly RpcUser[] {
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    const mark = stat === undefined ? "" : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (mark === this.#seen) return this.#users;
    if (stat !== undefined && process.platform !== "win32" && (stat.mode & 0o077) !== 0) {
      throw new Fault("KEY_INVALID", `${this.#path} can be read by others: chmod 600 it`);
    }
    this.#users = stat === undefined ? [] : parseRpcUsers(readFileSync(this.#path, "utf8"));
    this.#seen = mark;
    return this.#users;
  }
}
