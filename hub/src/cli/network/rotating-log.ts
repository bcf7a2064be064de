import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const MAX_BYTES = 5_000_000;

/** A log file and the one before it (`name.log.1`): together never more than twice the cap. */
export class RotatingLog {
  readonly #path: string;
  readonly #maxBytes: number;
  #file: number;
  #bytes: number;
  droppedLines = 0;

  constructor(path: string, maxBytes: number = MAX_BYTES) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#file = openSync(path, "a", 0o600);
    this.#bytes = fstatSync(this.#file).size;
  }

  /** A line that the disk does not take is dropped: a full disk must not stop who keeps the log. */
  writeLine(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    try {
      if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) this.#rotate();
      writeSync(this.#file, `${line}\n`);
      this.#bytes += bytes;
    } catch {
      this.droppedLines++;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #rotate(): void {
    closeSync(this.#file);
    renameSync(this.#path, `${this.#path}.1`);
    this.#file = openSync(this.#path, "a", 0o600);
    this.#bytes = 0;
  }
}
