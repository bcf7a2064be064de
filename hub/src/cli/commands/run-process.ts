import { spawn } from "node:child_process";
import { Command } from "commander";
import { CommandFailure } from "../errors.ts";
import { exitCode } from "../exit-codes.ts";
import { examples } from "../help.ts";
import { type ProcessKind, processArguments } from "../process-script.ts";

interface ProcessCommand {
  /** The command's word. */
  readonly name: string;
  readonly kind: ProcessKind;
  readonly description: string;
  /** A home's directory of such a process, for the example. */
  readonly directory: string;
}

/** A command that runs one process in the foreground, as a service manager or a container wants it. */
export function processCommand({ name, kind, description, directory }: ProcessCommand): Command {
  return new Command(name)
    .description(description)
    .requiredOption("--config <file>", "the process's config file")
    .addHelpText(
      "after",
      examples(`gridledger ${name} --config .gridledger/${directory}/config.json`),
    )
    .action(({ config }: { readonly config: string }) => run(kind, config));
}

async function run(kind: ProcessKind, config: string): Promise<void> {
  const child = spawn(process.execPath, [...processArguments(kind), "--config", config], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => child.kill(signal === "SIGHUP" ? "SIGTERM" : signal));
  }
  const code = await new Promise<number>((resolve) => {
    child.on("error", () => resolve(exitCode.refused));
    child.on("exit", (exit) => resolve(exit ?? exitCode.refused));
  });
  // The process has said itself why it ended.
  if (code !== 0) throw new CommandFailure(code, "");
}
