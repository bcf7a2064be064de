import { asFault } from "@gridledger/protocol/faults";
import type { Hub } from "../hub/connect.ts";
import { type Finding, fail, ok, warn } from "./check.ts";

const SKEW_MS = 5_000;

/** The hub answers, and its clock and this machine's agree. */
export async function checkHub(hub: Hub, isExpected: boolean): Promise<Finding[]> {
  const askedMs = Date.now();
  try {
    const status = await hub.call("status");
    const answeredMs = Date.now();
    const skewMs = status.nowMs - (askedMs + answeredMs) / 2;
    const { state, height } = status;
    return [
      state === "stalled"
        ? warn("hub", `${hub.url}: transactions wait and no block comes at height ${height}`)
        : ok("hub", `${hub.url}: ${state}, height ${height}`),
      Math.abs(skewMs) > SKEW_MS
        ? fail("clock", `${Math.round(skewMs)} ms off the hub's: synchronise it (NTP)`)
        : ok("clock", `agrees with the hub's within ${SKEW_MS} ms`),
    ];
  } catch (thrown) {
    const { message } = asFault(thrown);
    return [
      isExpected ? fail("hub", message) : ok("hub", "none runs from this home"),
      checkClock(),
    ];
  }
}

/** Without a hub: at least not before this program was written. */
function checkClock(): Finding {
  const isPlausible = Date.now() > Date.UTC(2026, 0, 1);
  return isPlausible
    ? ok("clock", `${new Date().toISOString()} is plausible; no hub to compare with`)
    : fail("clock", `${new Date().toISOString()} is in the past: set the clock`);
}
