import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { fileFault } from "../errors.ts";

const STDIN = 0;

/** The first line of a file, "-" for standard input. @throws Fault FILE_UNREADABLE */
export function readFirstLine(file: string): string {
  try {
    return readFileSync(file === "-" ? STDIN : file, "utf8").split(/\r?\n/)[0]!;
  } catch (thrown) {
    throw fileFault(file === "-" ? "standard input" : file, thrown);
  }
}

/** Asks at the terminal; what is typed is not shown. */
export function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve) => {
    terminal.question("", (answer) => {
      terminal.close();
      process.stderr.write("\n");
      resolve(answer);
    });
  });
}
