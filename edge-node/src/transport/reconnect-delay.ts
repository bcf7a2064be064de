const FAST_MIN_MS = 100;
const FAST_MAX_MS = 250;
const BASE_MS = 1_000;
const MAX_MS = 60_000;

/**
 * How long to wait before the next attempt, in ms. The first `fastRetries` failures wait 100–250 ms,
 * because a local broker that restarts is back in that time. Later ones wait a random part of
 * 1, 2, 4 … 60 s ("full jitter"), so that a thousand gateways do not come back in step: mqtt.js's
 * own fixed period does exactly that (mqttjs/MQTT.js#561, #563).
 */
export function reconnectDelayMs(
  failures: number,
  fastRetries: number,
  random: () => number,
): number {
  if (failures < fastRetries) return FAST_MIN_MS + random() * (FAST_MAX_MS - FAST_MIN_MS);
  const ceiling = Math.min(MAX_MS, BASE_MS * 2 ** (failures - fastRetries));
  return Math.max(FAST_MIN_MS, random() * ceiling);
}
