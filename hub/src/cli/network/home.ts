import { existsSync } from "node:fs";
import { resolve } from "node:path";

const DEFAULT_HOME = ".gridledger";

/** Where things are in a network's home. */
export interface Home {
  readonly root: string;
  readonly settings: string;
  readonly genesis: string;
  readonly keys: string;
  /** The secret that opens the key pages. */
  readonly unlock: string;
  /** Transport certificates and their authority. */
  readonly tls: string;
  /** The certificate authority's certificates and sealed keys. */
  readonly ca: string;
  /** The secret that opens them. */
  readonly caUnlock: string;
  /** Databases whose tables the hub may map; the operator writes it. */
  readonly databases: string;
  readonly logs: string;
  readonly lock: string;
  /** What runs now: written by `start`, read by `status` and the next start. */
  readonly running: string;
  /** A process's own directory: its config and its store. */
  directory(name: string): string;
  config(name: string): string;
  /** A key page. */
  page(name: string): string;
  /** Where an identity's key lies: its page, or the PEM of a home from before there were pages. */
  key(name: string): string;
  log(name: string): string;
}

export function homeAt(path: string): Home {
  const root = resolve(path);
  const inside = (...parts: string[]) => resolve(root, ...parts);
  const page = (name: string) => inside("keys", `${name}.page`);
  return {
    root,
    settings: inside("gridledger.json"),
    genesis: inside("genesis.cbor"),
    keys: inside("keys"),
    unlock: inside("keys", "unlock"),
    tls: inside("tls"),
    ca: inside("ca"),
    caUnlock: inside("keys", "ca.unlock"),
    databases: inside("databases.json"),
    logs: inside("logs"),
    lock: inside("lock"),
    running: inside("running.json"),
    directory: (name) => inside(name),
    config: (name) => inside(name, "config.json"),
    page,
    key(name) {
      const clear = inside("keys", `${name}.key`);
      return !existsSync(page(name)) && existsSync(clear) ? clear : page(name);
    },
    log: (name) => inside("logs", `${name}.log`),
  };
}

/** `--home`, else GRIDLEDGER_HOME, else `.gridledger` in the working directory. */
export function chooseHome(flag: string | undefined): Home {
  return homeAt(flag ?? process.env.GRIDLEDGER_HOME ?? DEFAULT_HOME);
}

export function validatorName(index: number): string {
  return `validator-${index + 1}`;
}
