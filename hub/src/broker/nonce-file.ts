import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { NonceKeeper, UsedNonce } from "./nonce-window.ts";

const LINE = /^(\d{1,16}) ([0-9a-f]{20}) ([0-9a-f]{32})$/;
/** Then the expired ones are left out of it. */
const MAX_LINES = 20_000;
const MODE = 0o600;

interface NonceFileDeps {
  readonly file: string;
  readonly now: () => number;
  /** A disk that is full must not keep validators out: the nonce is then remembered in memory alone. */
  readonly onFault: (thrown: unknown) => void;
}

/**
 * Used nonces in a file, one a line, so that an overheard token is not taken again by a hub that was
 * started anew. Written without waiting for the disk: a stop of the process loses none, a power cut may.
 */
export class NonceFile implements NonceKeeper {
  readonly #deps: NonceFileDeps;
  #lines = 0;

  constructor(deps: NonceFileDeps) {
    this.#deps = deps;
  }

  /** Those whose tokens are still young enough; a line that was cut off is left out. */
  load(): readonly UsedNonce[] {
    const { file, onFault } = this.#deps;
    try {
      const young = existsSync(file) ? this.#young(readFileSync(file, "latin1")) : [];
      this.#replace(young);
      return young;
    } catch (thrown) {
      onFault(thrown);
      return [];
    }
  }

  add(used: UsedNonce): void {
    const { file, onFault } = this.#deps;
    try {
      appendFileSync(file, lineOf(used), { mode: MODE });
      if (++this.#lines > MAX_LINES) this.#replace(this.#young(readFileSync(file, "latin1")));
    } catch (thrown) {
      onFault(thrown);
    }
  }

  #young(text: string): UsedNonce[] {
    const nowMs = this.#deps.now();
    return text.split("\n").flatMap((line) => {
      const [, expires = "", identity = "", nonce = ""] = LINE.exec(line) ?? [];
      const expiresAtMs = Number(expires);
      return expires !== "" && expiresAtMs >= nowMs ? [{ identity, nonce, expiresAtMs }] : [];
    });
  }

  #replace(used: readonly UsedNonce[]): void {
    const { file } = this.#deps;
    writeFileSync(`${file}.new`, used.map(lineOf).join(""), { mode: MODE });
    renameSync(`${file}.new`, file);
    this.#lines = used.length;
  }
}

function lineOf({ expiresAtMs, identity, nonce }: UsedNonce): string {
  return `${expiresAtMs} ${identity} ${nonce}\n`;
}
