import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const launcher = fileURLToPath(new URL("../../hub/bin/gridledger.js", import.meta.url));

export interface CliAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `gridledger` to its end. No setting of the surrounding shell reaches it. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [launcher, ...args], {
      env: cleanEnvironment(options.env),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

export function cleanEnvironment(added: Readonly<Record<string, string>> = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:GRIDLEDGER_|npm_|NODE_TEST)/.test(name),
  );
  return { ...Object.fromEntries(kept), ...added };
}
