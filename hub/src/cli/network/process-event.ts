import { z } from "zod";

const eventShape = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("ready"),
    height: z.number().optional(),
    httpPort: z.number().optional(),
    mqttPort: z.number().optional(),
    mqttsPort: z.number().optional(),
    url: z.string().optional(),
  }),
  z.object({ event: z.literal("operator-password"), user: z.string(), password: z.string() }),
]);

/** What a process says to its launcher: one JSON line with an `event` on its stdout. */
export type ProcessEvent = z.infer<typeof eventShape>;

/** The event on the line; undefined for log lines. */
export function parseProcessEvent(line: string): ProcessEvent | undefined {
  if (!line.includes('"event"')) return undefined;
  try {
    return eventShape.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const failedShape = z.object({
  event: z.literal("failed"),
  code: z.string(),
  message: z.string(),
});

/** pino's levels (https://getpino.io, "levels"). */
const ERROR_LEVEL = 50;
const errorShape = z.object({
  level: z.number().min(ERROR_LEVEL),
  code: z.string().optional(),
  detail: z.string().optional(),
  msg: z.string().optional(),
  /** A fault's data; the file that it is about must be named. */
  data: z.object({ file: z.string().optional() }).optional(),
  err: z.object({ code: z.string().optional(), message: z.string().optional() }).optional(),
});

/** Why a process says it fails. */
export interface ProcessError {
  readonly code: string | null;
  readonly detail: string;
}

/** The error that a line reports, as a log line or as its last word; undefined for all other lines. */
export function parseProcessError(line: string): ProcessError | undefined {
  if (!line.startsWith("{")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const failed = failedShape.safeParse(value).data;
  if (failed !== undefined) return { code: failed.code, detail: failed.message };
  const logged = errorShape.safeParse(value).data;
  if (logged === undefined) return undefined;
  const said = logged.detail ?? logged.msg ?? logged.err?.message ?? "";
  const file = logged.data?.file;
  const detail = file === undefined || said.includes(file) ? said : `${file}: ${said}`;
  return { code: logged.code ?? logged.err?.code ?? null, detail };
}
