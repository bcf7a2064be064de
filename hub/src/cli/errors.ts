import { asFault, Fault, faultTable } from "@gridledger/protocol/faults";
import { CommanderError } from "commander";
import { exitCode } from "./exit-codes.ts";

/** A command that ended with another exit code than its fault's. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "CommandFailure";
    this.exitCode = code;
  }
}

/** Says on stderr what went wrong, and returns the exit code. */
export function reportFailure(thrown: unknown, json: boolean): number {
  if (thrown instanceof CommanderError) return commanderExitCode(thrown);
  if (thrown instanceof CommandFailure) {
    if (thrown.message !== "") process.stderr.write(`${thrown.message}\n`);
    return thrown.exitCode;
  }
  const fault = asFault(thrown);
  if (json) {
    const error = { code: fault.code, detail: fault.message, ...fault.data };
    process.stderr.write(`${JSON.stringify({ error })}\n`);
  } else {
    process.stderr.write(`${fault.code}: ${fault.message}\n`);
    const advice = faultTable[fault.code]?.en;
    if (advice !== undefined && advice !== fault.message) process.stderr.write(`${advice}\n`);
    if (fault.code === "INTERNAL") process.stderr.write(`${stackOf(fault)}\n`);
  }
  return faultExitCode(fault);
}

function faultExitCode({ code }: Fault): number {
  if (code === "USAGE_INVALID") return exitCode.usage;
  return code === "HUB_UNREACHABLE" ? exitCode.unreachable : exitCode.refused;
}

/** Commander has already printed what it has to say. */
function commanderExitCode(error: CommanderError): number {
  return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
}

function stackOf(fault: Fault): string {
  return fault.cause instanceof Error ? (fault.cause.stack ?? "") : String(fault.cause);
}

/** The system's reasons that people meet, in words. */
const fileReasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "this user has no permission",
  EPERM: "this user has no permission",
  EROFS: "it is on a file system that cannot be written to",
  ENOSPC: "the disk is full",
  EDQUOT: "this user's share of the disk is full",
  EISDIR: "it is a folder and not a file",
  ENOTDIR: "a part of the path is a file and not a folder",
  EMFILE: "too many files are open",
};

/** The fault of a failed file access: names the file and the system's reason. */
export function fileFault(path: string, thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "failed";
  const reason = fileReasons[code] ?? code;
  return new Fault("FILE_UNREADABLE", `${path}: ${reason}`, { cause: thrown });
}
