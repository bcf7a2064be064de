import type { BlockSummary, NodeSummary, Status } from "@gridledger/protocol/api/contract";
import { computed, signal } from "@preact/signals";
import { alignClock } from "./clock.ts";

/** Enough for the throughput window at three blocks a second. */
const maxBlocks = 2000;

export const status = signal<Status | null>(null);
export const nodes = signal<readonly NodeSummary[] | null>(null);

/** The newest blocks, newest first; null until the first load. */
export const recentBlocks = signal<readonly BlockSummary[] | null>(null);

export const headHeight = computed(() => {
  const told = status.value?.height ?? null;
  const seen = recentBlocks.value?.[0]?.height ?? null;
  return told === null && seen === null ? null : Math.max(told ?? 0, seen ?? 0);
});

/** When any validator was last heard, by the hub's clock. */
export const lastHeartbeatMs = computed(() =>
  (nodes.value ?? []).reduce<number | null>(
    (newest, node) => (node.lastSeenMs === null ? newest : Math.max(newest ?? 0, node.lastSeenMs)),
    null,
  ),
);

/** Validators that are heard and sign nothing, so that they count for no quorum. */
export const alarmedValidators = computed(
  () =>
    (nodes.value ?? []).filter(({ role, online, alarm }) => role === "validator" && online && alarm)
      .length,
);

/** In the order people count them: validator-2 before validator-10. */
export function byName(unordered: readonly NodeSummary[]): NodeSummary[] {
  return unordered.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** Transactions waiting, by the fullest pool. */
export const waitingTransactions = computed(() =>
  (nodes.value ?? []).reduce((most, node) => Math.max(most, node.poolSize ?? 0), 0),
);

export function takeStatus(told: Status): void {
  const before = status.peek();
  if (before !== null && before.chainId !== told.chainId) recentBlocks.value = [];
  alignClock(told.nowMs);
  status.value = told;
}

export function takeBlocks(blocks: readonly BlockSummary[]): void {
  const byHeight = new Map((recentBlocks.peek() ?? []).map((block) => [block.height, block]));
  for (const block of blocks) byHeight.set(block.height, block);
  recentBlocks.value = [...byHeight.values()]
    .sort((a, b) => b.height - a.height)
    .slice(0, maxBlocks);
}

/** After sign-out, what only readers may see is gone from the screen. */
export function forgetLedger(): void {
  recentBlocks.value = null;
  nodes.value = null;
}
