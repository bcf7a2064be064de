import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ApiClient } from "@gridledger/protocol/api/client";
import { cleanEnvironment } from "../cli/run-cli.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const launcher = fileURLToPath(new URL("../../hub/bin/gridledger.js", import.meta.url));
const POLL_MS = 50;
const ANSWER_MS = 5_000;

/** A line of `start --json`. */
export type StartEvent = Readonly<Record<string, unknown>> & { readonly event: string };

interface NetworkOptions {
  readonly home: string;
  readonly args?: readonly string[];
  /** Start it as people do, through `npm start`. */
  readonly npm?: boolean;
}

/** A network that `gridledger start` runs, as the person in front of it sees it. */
export class RunningNetwork {
  readonly home: string;
  readonly events: StartEvent[] = [];
  readonly startedMs = Date.now();
  readonly #child: ChildProcess;
  #stderr = "";
  #exitCode: number | null | undefined;

  constructor({ home, args = [], npm = false }: NetworkOptions) {
    this.home = home;
    const options = ["--json", "--home", home, ...args];
    const command = npm
      ? ["npm", "start", "--silent", "--", ...options]
      : [process.execPath, launcher, "start", ...options];
    // A process group of its own, as a terminal makes one: Ctrl-C goes to all in it.
    this.#child = spawn(command[0]!, command.slice(1), {
      cwd: root,
      env: cleanEnvironment(),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      if (line.startsWith("{")) this.events.push(JSON.parse(line));
    });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#child.on("close", (code) => {
      this.#exitCode = code;
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits for an event of this name (that `matches`), also one that has come already. */
  event(
    name: string,
    matches: (event: StartEvent) => boolean = () => true,
    withinMs = 30_000,
  ): Promise<StartEvent> {
    return until(
      `event ${name}`,
      () => {
        const found = this.events.find((event) => event.event === name && matches(event));
        if (found === undefined && this.#exitCode !== undefined) {
          throw new Error(`start ended with ${this.#exitCode}: ${this.#stderr}`);
        }
        return found;
      },
      withinMs,
    );
  }

  async ready(withinMs = 40_000): Promise<this> {
    await this.event("ready", () => true, withinMs);
    return this;
  }

  get url(): string {
    const ready = this.events.findLast((event) => event.event === "ready");
    return String(ready?.url);
  }

  get api(): ApiClient {
    return new ApiClient({ baseUrl: this.url, fetch: fetchInTime });
  }

  /** The newest process of that name. */
  pid(name: string): number {
    const isOfName = (event: StartEvent) => event.event === "process-ready" && event.name === name;
    return Number(this.events.findLast(isOfName)?.pid);
  }

  /** The launcher, then the newest process of each name. */
  get pids(): number[] {
    const newest = new Map<unknown, number>();
    for (const event of this.events) {
      if (event.event === "process-ready") newest.set(event.name, Number(event.pid));
    }
    return [this.#child.pid!, ...newest.values()];
  }

  async height(): Promise<number> {
    return (await this.api.call("status")).height;
  }

  /** Ctrl-C in the terminal. Answers the ms until no process is left. */
  async interrupt(): Promise<number> {
    const begunMs = Date.now();
    process.kill(-this.#child.pid!, "SIGINT");
    await this.gone(10_000);
    return Date.now() - begunMs;
  }

  /** Everything at once, as a power cut. */
  async powerCut(): Promise<void> {
    kill(-this.#child.pid!);
    for (const pid of this.pids.slice(1)) kill(pid);
    await this.gone(6_000);
  }

  /** Waits until the start and all its processes are gone. */
  async gone(withinMs: number): Promise<void> {
    await until(
      "all processes gone",
      () => this.#exitCode !== undefined && !this.pids.some(isAlive),
      withinMs,
    );
  }

  /** For the end of a test, however it went. */
  async cleanUp(): Promise<void> {
    if (this.#exitCode === undefined) await this.powerCut();
  }
}

/** Polls until `probe` answers something true. @throws when it has not by the deadline */
export async function until<Value>(
  what: string,
  probe: () => Promise<Value> | Value,
  withinMs: number,
): Promise<NonNullable<Value>> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  for (;;) {
    const value = await Promise.resolve(probe()).catch((thrown: unknown) => {
      last = thrown;
    });
    if (value !== undefined && value !== null && value !== false)
      return value as NonNullable<Value>;
    if (Date.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${what}`, { cause: last });
    }
    await sleep(POLL_MS);
  }
}

/** Asks with a limit of time: what the request itself asks the hub to wait, and `ANSWER_MS` more. */
const fetchInTime: typeof fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const withinMs = ANSWER_MS + Number(url.searchParams.get("waitMs"));
  try {
    return await fetch(input, { ...init, signal: AbortSignal.timeout(withinMs) });
  } catch (cause) {
    // What a timeout throws is no `Error`, and the runner of tests prints it as `{}`.
    throw new Error(`no answer within ${withinMs} ms: ${url}`, { cause });
  }
};

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
