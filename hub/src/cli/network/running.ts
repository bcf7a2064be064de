import { readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { replaceFile } from "../files.ts";
import type { Home } from "./home.ts";

const runningShape = z.object({
  /** The launcher. */
  pid: z.number().int(),
  url: z.string(),
  mqttUrl: z.string(),
  /** Of its TLS servers, PEM; null without TLS. */
  authorities: z.string().nullable().default(null),
  processes: z.array(z.object({ name: z.string(), pid: z.number().int() })),
});

/** What a start has running, for `status`, for people and for the start after a crash. */
type Running = z.infer<typeof runningShape>;

/** Undefined where nothing readable is there: the file is advice, never needed. */
export function readRunning(home: Home): Running | undefined {
  try {
    return runningShape.parse(JSON.parse(readFileSync(home.running, "utf8")));
  } catch {
    return undefined;
  }
}

export function saveRunning(home: Home, running: Running): void {
  replaceFile(home.running, `${JSON.stringify(running, null, 2)}\n`);
}

export function forgetRunning(home: Home): void {
  rmSync(home.running, { force: true });
}
