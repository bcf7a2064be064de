import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type ProcessKind, processArguments, processEnvironment } from "../process-script.ts";
import {
  type ProcessError,
  type ProcessEvent,
  parseProcessError,
  parseProcessEvent,
} from "./process-event.ts";
import { RestartDelay } from "./restart-delay.ts";
import { RotatingLog } from "./rotating-log.ts";

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ranMs: number;
  /** The last error it logged. */
  readonly error: ProcessError | undefined;
}

interface ManagedProcessDeps {
  readonly onEvent: (event: ProcessEvent) => void;
  /** Says whether to start it again, and hears after how long that will be. */
  readonly onEnd: (end: ProcessEnd) => boolean;
  readonly onRestart: (delayMs: number) => void;
}

interface ManagedProcessOptions {
  readonly name: string;
  readonly kind: ProcessKind;
  readonly configPath: string;
  readonly logPath: string;
}

/** One process of the network: started, logged, started again when it ends, stopped. */
export class ManagedProcess {
  readonly name: string;
  readonly #deps: ManagedProcessDeps;
  readonly #options: ManagedProcessOptions;
  readonly #delay = new RestartDelay();
  #log: RotatingLog | undefined;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;
  #error: ProcessError | undefined;

  constructor(deps: ManagedProcessDeps, options: ManagedProcessOptions) {
    this.name = options.name;
    this.#deps = deps;
    this.#options = options;
  }

  /** Undefined while it is down. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    this.#log ??= new RotatingLog(this.#options.logPath);
    this.#error = undefined;
    const { kind, configPath } = this.#options;
    const startedMs = Date.now();
    // A session of its own: Ctrl-C in the terminal reaches the launcher alone, which stops all in order.
    const child = spawn(process.execPath, [...processArguments(kind), "--config", configPath], {
      stdio: ["pipe", "pipe", "pipe", "ipc"],
      detached: true,
      env: { ...process.env, ...processEnvironment(kind) },
    });
    this.#child = child;
    this.#follow(child.stdout);
    this.#follow(child.stderr);
    child.on("error", (error) => this.#log?.writeLine(`cannot start: ${error.message}`));
    child.on("close", (code, signal) => {
      this.#child = undefined;
      this.#ended({ code, signal, ranMs: Date.now() - startedMs, error: this.#error });
    });
  }

  /** Ends it and starts it again, with the config as it is now. */
  restart(): void {
    if (this.#child === undefined) return;
    this.#child.kill("SIGTERM");
  }

  /** Asks it to end, and after `graceMs` does not ask. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child !== undefined) {
      const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(force);
    }
    this.#log?.close();
    this.#log = undefined;
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  #follow(stream: Readable | null): void {
    if (stream === null) return;
    createInterface({ input: stream }).on("line", (line) => {
      const event = parseProcessEvent(line);
      // The one-time password is shown to the person who started the network, and kept nowhere.
      if (event?.event !== "operator-password") this.#log?.writeLine(line);
      if (event !== undefined) this.#deps.onEvent(event);
      else this.#error = parseProcessError(line) ?? this.#error;
    });
  }

  #ended(end: ProcessEnd): void {
    if (this.#stopping || !this.#deps.onEnd(end)) return;
    const delayMs = this.#delay.after(end.ranMs);
    this.#restart = setTimeout(() => {
      this.#deps.onRestart(delayMs);
      this.start();
    }, delayMs);
  }
}
