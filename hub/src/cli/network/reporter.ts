import type { Status } from "@gridledger/protocol/api/contract";
import type { NetworkEvent, Report } from "./network-event.ts";

/** How often the state is said again where a line once written stays. */
const CALM_MS = 10_000;
const CLEAR_LINE = "\r\u001b[K";

interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** JSON lines, or text: on a terminal its last line is live. */
export function createReporter(screen: Screen, json: boolean): Report {
  const state = json ? jsonState(screen) : textState(screen);
  return (event) => {
    if (event.event === "status") return state(event.status);
    if (json) screen.write(`${JSON.stringify(event)}\n`);
    else screen.write(`${screen.isTTY === true ? CLEAR_LINE : ""}${formatEvent(event)}\n`);
  };
}

type StateWriter = (status: Status) => void;

function jsonState(screen: Screen): StateWriter {
  return calmly((status) => screen.write(`${JSON.stringify({ event: "status", status })}\n`));
}

function textState(screen: Screen): StateWriter {
  if (screen.isTTY !== true) return calmly((status) => screen.write(`${formatStatus(status)}\n`));
  return (status) => {
    const line = formatStatus(status).slice(0, (screen.columns ?? 80) - 1);
    screen.write(`${CLEAR_LINE}${line}`);
  };
}

/** Passes on a state that differs from the last one, and at most one in `CALM_MS`. */
function calmly(write: StateWriter): StateWriter {
  let lastMs = 0;
  let last = "";
  return (status) => {
    const told = `${status.height} ${status.state} ${status.validators.online}`;
    const now = Date.now();
    if (told === last || now - lastMs < CALM_MS) return;
    last = told;
    lastMs = now;
    write(status);
  };
}

function formatStatus(status: Status): string {
  const { validators, rates } = status;
  return [
    status.state,
    `height ${status.height}`,
    `${status.transactions} transactions`,
    `${status.readings} readings of ${status.meters} meters`,
    `${rates.readingsPerSecond.toFixed(1)} readings/s`,
    `validators ${validators.online}/${validators.total}`,
  ].join(" · ");
}

type Spoken = Exclude<NetworkEvent, { event: "status" }>;

const words: { [Name in Spoken["event"]]: (event: Extract<Spoken, { event: Name }>) => string } = {
  warning: (event) => `Warning: ${event.detail}`,
  home: (event) =>
    `${event.isNew ? "New network in" : "Network of"} ${event.home}: ` +
    `${event.validators} validators, suite ${event.suite}, chain ${event.chainId.slice(0, 16)}…`,
  "process-starting": (event) => `  … ${event.name}`,
  "process-ready": (event) => {
    const height = event.height === null ? "" : `, height ${event.height}`;
    return `  ✓ ${event.name}${height} (${event.ms} ms)`;
  },
  "process-ended": (event) => {
    const reason = event.error === null ? "" : `: ${event.error.code} ${event.error.detail}`;
    return `  ✗ ${event.name} ended (${event.signal ?? `exit code ${event.code}`})${reason}`;
  },
  "process-restarting": (event) => `  … ${event.name} is started again`,
  "process-refused": (event) =>
    `  ✗ ${event.name} does not start. ${event.code}: ${event.detail}\n    Its log: ${event.log}`,
  "port-taken": (event) =>
    `  ! ${event.service.toUpperCase()} port ${event.wanted} is taken: using ${event.used}`,
  "operator-password": (event) =>
    `\n  Sign in as "${event.user}" with the one-time password  ${event.password}\n` +
    "  (kept nowhere; until you have chosen your own, each start shows another).\n" +
    "  It runs the network and manages users: roles operator and administrator.\n",
  ready: (event) =>
    `\n  Dashboard  ${event.url}\n  MQTT       ${event.mqttUrl}\n\n` +
    `Running after ${(event.ms / 1_000).toFixed(1)} s. Ctrl-C stops it.`,
  stopping: () => "Stopping …",
  stopped: (event) => `Stopped in ${(event.ms / 1_000).toFixed(1)} s.`,
};

function formatEvent(event: Spoken): string {
  return (words[event.event] as (event: Spoken) => string)(event);
}
