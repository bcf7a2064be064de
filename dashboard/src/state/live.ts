import type { StreamEvents } from "@gridledger/protocol/api/contract";
import { streamPath } from "@gridledger/protocol/api/paths";
import { effect, signal } from "@preact/signals";
import { forgetLedger, nodes, takeBlocks, takeStatus } from "./chain.ts";
import { api, loadSession, mayRead, session } from "./session.ts";

const backoffMs = [1_000, 2_000, 4_000, 8_000, 15_000];
/** A stream silent for so long is asked whether the hub is still there. */
const silentMs = 15_000;
const pollMs = 5_000;
/** The throughput window, which the first load fills. */
export const windowMs = 10 * 60_000;
const loadPages = 3;

/**
 * "live": events arrive · "polling": the caller may not see the stream, the status is asked for ·
 * "lost": the hub cannot be reached and is tried again at `retryAtMs`.
 */
export type Link =
  | { readonly state: "connecting" | "live" | "polling" }
  | { readonly state: "lost"; readonly retryAtMs: number };

export const link = signal<Link>({ state: "connecting" });

/** How often a lost connection has come back: what was loaded before is then loaded again. */
export const regained = signal(0);

/** How often a mapped table was found changed: what shows findings is then loaded again. */
export const alarms = signal(0);

/** When the hub last said anything, by this browser's clock. */
export const heardAtMs = signal<number | null>(null);

/** A refusal met while loading what the stream then keeps fresh. */
export const loadError = signal<unknown>(null);

let source: EventSource | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;

/** Keeps one stream open for as long as the page is: follows sign-in and sign-out by itself. */
export function startLive(): void {
  effect(() => {
    if (!mayRead.value) forgetLedger();
    connect(mayRead.value);
  });
  addEventListener("online", () => connect(mayRead.peek()));
  setInterval(() => void checkSilence(), pollMs);
}

function connect(streaming: boolean): void {
  clearTimeout(timer);
  source?.close();
  source = null;
  loadError.value = null;
  if (streaming) openStream();
  else void poll();
}

function openStream(): void {
  const opened = new EventSource(streamPath);
  source = opened;
  opened.addEventListener("open", () => {
    if (source === opened) void refresh();
  });
  opened.addEventListener("error", () => {
    if (source === opened) void reconsider(opened);
  });
  on(opened, "status", takeStatus);
  on(opened, "block", (block) => takeBlocks([block]));
  on(opened, "alarm", () => {
    alarms.value++;
  });
  on(opened, "nodes", ({ items }) => {
    nodes.value = items;
  });
}

function on<Type extends keyof StreamEvents>(
  stream: EventSource,
  type: Type,
  take: (data: StreamEvents[Type]) => void,
): void {
  stream.addEventListener(type, (event) => {
    hear("live");
    take(JSON.parse((event as MessageEvent<string>).data) as StreamEvents[Type]);
  });
}

/** A closed stream was answered and refused: the session may have ended. */
async function reconsider(broken: EventSource): Promise<void> {
  if (broken.readyState === EventSource.CLOSED) await loadSession();
  if (source === broken) lose();
}

/** Fills what was missed while the stream was closed. */
async function refresh(): Promise<void> {
  try {
    if (session.peek() === null) await loadSession();
    takeStatus(await api.call("status"));
    hear("live");
    nodes.value = (await api.call("nodes")).items;
    await loadBlocks();
    loadError.value = null;
  } catch (error) {
    // A refusal is shown; only silence loses the connection.
    if (error instanceof TypeError) lose();
    else loadError.value = error;
  }
}

async function loadBlocks(): Promise<void> {
  let cursor: string | undefined;
  for (let loaded = 0; loaded < loadPages; loaded++) {
    const page = await api.call("blocks", { query: { limit: 500, ...(cursor && { cursor }) } });
    takeBlocks(page.items);
    const oldest = page.items.at(-1);
    if (page.next === null || oldest === undefined) return;
    if (oldest.timeMs < Date.now() - windowMs) return;
    cursor = page.next;
  }
}

async function poll(): Promise<void> {
  try {
    takeStatus(await api.call("status"));
    hear("polling");
    timer = setTimeout(() => void poll(), pollMs);
  } catch {
    lose();
  }
}

async function checkSilence(): Promise<void> {
  const silent = Date.now() - (heardAtMs.peek() ?? 0) > silentMs;
  if (source === null || link.peek().state !== "live" || !silent) return;
  const asked = source;
  try {
    takeStatus(await api.call("status"));
    hear("live");
  } catch {
    if (source === asked) lose();
  }
}

function hear(state: "live" | "polling"): void {
  failures = 0;
  heardAtMs.value = Date.now();
  if (link.peek().state === "lost") regained.value++;
  if (link.peek().state !== state) link.value = { state };
}

function lose(): void {
  source?.close();
  source = null;
  clearTimeout(timer);
  const delayMs = backoffMs[Math.min(failures, backoffMs.length - 1)] ?? pollMs;
  failures++;
  link.value = { state: "lost", retryAtMs: Date.now() + delayMs };
  timer = setTimeout(() => connect(mayRead.peek()), delayMs);
}
