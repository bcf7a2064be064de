import type { NodeSummary, Status } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";

export function statusCommand(): Command {
  return withHubOptions(new Command("status"))
    .description("Say how the network does")
    .addHelpText(
      "after",
      examples("gridledger status", "gridledger status --url https://hub.example --json"),
    )
    .action(run);
}

async function run(options: HubOptions): Promise<void> {
  const hub = connectHub(options);
  const status = await hub.call("status");
  // Who does not listen on loopback shows its nodes to signed-in people only.
  const nodes = await hub.call("nodes").then(
    (answer) => answer.items,
    () => [],
  );
  printAnswer(options, { url: hub.url, ...status, nodes }, () => [
    ...formatTable(statusRows(hub.url, status)),
    ...(nodes.length === 0 ? [] : ["", ...formatTable(nodeRows(nodes))]),
  ]);
}

function statusRows(url: string, status: Status): string[][] {
  const { validators, rates } = status;
  return [
    ["hub", `${url} (version ${status.version})`],
    [
      "channel",
      `${status.channel}, suite ${status.suite}, engine ${status.engine}${finality(status.finalityDepth)}`,
    ],
    ["chain", status.chainId],
    ["state", status.state],
    ["height", `${status.height}, last block ${formatTime(status.headTimeMs)}`],
    ["transactions", String(status.transactions)],
    ["readings", `${status.readings} of ${status.meters} meters`],
    [
      "validators",
      `${validators.online} of ${validators.total} online, quorum ${validators.quorum}, survives ${formatFaults(validators.faultTolerance)}`,
    ],
    [
      "last 60 s",
      `${rates.transactionsPerSecond.toFixed(2)} transactions/s, ${rates.readingsPerSecond.toFixed(2)} readings/s`,
    ],
  ];
}

function formatFaults(count: number): string {
  return count === 1 ? "1 fault" : `${count} faults`;
}

function nodeRows(nodes: readonly NodeSummary[]): string[][] {
  return [
    ["node", "role", "state", "height", "last seen"],
    ...nodes.map((node) => [
      node.name,
      node.role,
      node.state,
      String(node.height ?? "–"),
      formatTime(node.lastSeenMs),
    ]),
  ];
}

function finality(depth: number): string {
  return depth === 0 ? "" : `, final after ${depth} blocks`;
}
