import type { NodeSummary } from "@gridledger/protocol/api/contract";
import { type FaultCode, faultTable } from "@gridledger/protocol/faults";
import type { Status } from "@gridledger/protocol/messages/status";
import type { Telemetry } from "@gridledger/protocol/messages/telemetry";

interface NodeFacts {
  readonly id: string;
  readonly name: string;
  readonly state: NodeSummary["state"];
  readonly online: boolean;
  readonly lagBlocks: number | null;
  readonly lastSeenMs: number | null;
  readonly status: Status | undefined;
}

/** The shape in which the console and the API show a validator. */
export function nodeSummary(
  node: NodeFacts,
  telemetry: Telemetry | undefined,
  diskDaysLeft: number | null,
): NodeSummary {
  const { id, name, state, online, lagBlocks, lastSeenMs, status } = node;
  return {
    ...{ id, name, role: "validator", online, state, lagBlocks, lastSeenMs },
    height: status?.height ?? null,
    round: status?.round ?? null,
    poolSize: status?.poolSize ?? null,
    rssBytes: telemetry?.rssBytes ?? null,
    diskBytes: telemetry?.diskBytes ?? null,
    diskFreeBytes: telemetry?.diskFreeBytes ?? null,
    // 0 says that there is none.
    maxDiskBytes: telemetry?.maxDiskBytes || null,
    diskDaysLeft,
    firstHeight: telemetry?.firstHeight ?? null,
    alarm: telemetry?.alarm ? told(telemetry.alarm) : null,
    warning: telemetry?.warning ? told(telemetry.warning) : null,
    rejections: (telemetry?.rejections ?? []).map(([code, count]) => ({ ...told(code), count })),
  };
}

function told(code: FaultCode): NonNullable<NodeSummary["alarm"]> {
  const { en = code, zh = code } = faultTable[code] ?? {};
  return { code, detail: en, detailZh: zh };
}
