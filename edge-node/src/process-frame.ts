import { parseArgs } from "node:util";
import { asFault } from "@gridledger/protocol/faults";
import type { Logger } from "pino";

const STOP_MS = 1_800;

/** One JSON line for whoever started the process. */
export function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The path after --config; undefined where the help was written, asked for or not. */
export function configArgument(help: string): string | undefined {
  const { values } = parseArgs({
    options: { config: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (!values.help && values.config !== undefined) return values.config;
  process.stdout.write(help);
  process.exitCode = values.help ? 0 : 2;
  return undefined;
}

/**
 * From here on the process ends well at a signal, and with 1 at what nobody caught.
 *
 * @returns logs what was thrown and ends the process with 1
 */
export function endAtSignals(log: Logger, stop: () => Promise<void>): (thrown: unknown) => void {
  const end = (exitCode: number) => {
    // A broker, a meter or a disk that does not answer must not hold the process.
    setTimeout(() => process.exit(exitCode), STOP_MS).unref();
    stop().then(
      () => process.exit(exitCode),
      () => process.exit(1),
    );
  };
  const die = (thrown: unknown) => {
    const { code, message, data, cause } = asFault(thrown);
    log.fatal({ code, data, err: cause }, message);
    end(1);
  };
  process.on("uncaughtException", die);
  process.on("unhandledRejection", die);
  process.on("SIGTERM", () => end(0));
  process.on("SIGINT", () => end(0));
  return die;
}
