import { formatCount } from "../format/number.ts";
import { headHeight, lastHeartbeatMs, status, waitingTransactions } from "../state/chain.ts";
import { nowMs } from "../state/clock.ts";
import { words } from "../state/language.ts";
import { heardAtMs, link } from "../state/live.ts";
import { Time } from "./time.tsx";

/** What the chain does, in words: idle is not a fault, and a lost connection says nothing about the chain. */
export function ChainState() {
  const tone = stateTone();
  return (
    <div class="chain-state">
      <p class={`state tone-${tone}`} role="status">
        <span class="dot" aria-hidden="true" />
        <strong>{stateWord()}</strong>
      </p>
      <p class="state-detail">
        <StateDetail />
      </p>
    </div>
  );
}

function stateTone(): "ok" | "idle" | "warn" | "fault" {
  if (link.value.state === "lost") return "fault";
  const state = status.value?.state;
  if (state === "stalled") return "fault";
  if (state === "syncing") return "warn";
  return state === "live" ? "ok" : "idle";
}

function stateWord() {
  const { state } = words.value;
  const told = status.value;
  if (link.value.state === "lost") return state.lost;
  if (told === null) return state.loading;
  if (told.state !== "idle") return state[told.state];
  if (told.headTimeMs === null) return state.idle;
  const [before, after] = state.idleSince("\0").split("\0");
  return (
    <>
      {before}
      <Time ms={told.headTimeMs} as="since" />
      {after}
    </>
  );
}

function StateDetail() {
  const { state, link: linkWords } = words.value;
  const told = status.value;
  if (link.value.state === "lost") {
    const heard = heardAtMs.value;
    return heard === null ? (
      <RetryCountdown />
    ) : (
      <span>{<Woven sentence={linkWords.stale} time={heard} as="clock" />}</span>
    );
  }
  if (told === null) return <span>&nbsp;</span>;
  const heartbeat = lastHeartbeatMs.value;
  const parts = [
    told.state === "stalled" && <span key="stalled">{stalledHint()}</span>,
    told.state === "syncing" && <span key="syncing">{state.syncingHint}</span>,
    told.state === "live" && told.headTimeMs !== null && (
      <Woven key="block" sentence={state.lastBlock} time={told.headTimeMs} as="ago" />
    ),
    told.headTimeMs === null && <span key="none">{state.noBlock}</span>,
    heartbeat !== null && (
      <Woven key="heartbeat" sentence={state.lastHeartbeat} time={heartbeat} as="ago" />
    ),
    told.state === "idle" && (
      <span key="idle" class="hint-line">
        {state.idleHint}
      </span>
    ),
  ];
  return <>{parts}</>;
}

function stalledHint(): string {
  const { state } = words.value;
  const waiting = waitingTransactions.value;
  return waiting === 0 ? state.stalledUnknown : state.stalledHint(formatCount(waiting));
}

interface WovenProps {
  readonly sentence: (time: string) => string;
  readonly time: number;
  readonly as: "ago" | "clock";
}

/** A time element inside a sentence whose word order is the language's. */
function Woven({ sentence, time, as }: WovenProps) {
  const [before, after] = sentence("\0").split("\0");
  return (
    <span>
      {before}
      <Time ms={time} as={as} />
      {after}
    </span>
  );
}

function RetryCountdown() {
  const { link: linkWords } = words.value;
  if (link.value.state !== "lost") return null;
  // Reads the hub's clock only to be drawn again every second.
  const seconds = nowMs.value && Math.ceil((link.value.retryAtMs - Date.now()) / 1000);
  return <span>{seconds > 0 ? linkWords.lost(formatCount(seconds)) : linkWords.trying}</span>;
}

/** The connection to the hub, in the page's header. */
export function LinkState() {
  const { link: linkWords } = words.value;
  const { state } = link.value;
  return (
    <span class={`link-state tone-${state === "lost" ? "fault" : "ok"}`} data-link={state}>
      <span class="dot" aria-hidden="true" />
      {state === "lost" ? <RetryCountdown /> : linkWords[state]}
    </span>
  );
}

export function Height() {
  const height = headHeight.value;
  return <output class="height">{height === null ? "–" : formatCount(height)}</output>;
}
