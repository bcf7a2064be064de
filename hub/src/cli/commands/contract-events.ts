import type { ContractLog } from "@gridledger/protocol/api/contracts-contract";
import { Command } from "commander";
import { type Abi, decodeEventLog, type Hex } from "viem";
import { plain, readArtifact } from "../contracts/abi-file.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";

interface EventsOptions extends HubOptions {
  readonly abi?: string;
  readonly contract?: string;
  readonly after?: string;
}

export function contractEventsCommand(): Command {
  return withHubOptions(new Command("events"))
    .description("List the events of a contract, oldest first, one a line")
    .argument("<address>", "of the contract")
    .option("--abi <file>", "name events and their fields by this .sol file or artifact")
    .option("--contract <name>", "which one, where the file holds several")
    .option("--after <height.index>", "go on behind this one")
    .addHelpText("after", examples("gridledger contract events 0x5f… --abi Counter.sol"))
    .action(run);
}

async function run(address: string, options: EventsOptions): Promise<void> {
  const hub = connectHub(options);
  const abi = options.abi === undefined ? [] : readArtifact(options.abi, options.contract).abi;
  let cursor: string | null = options.after === undefined ? null : cursorAfter(options.after);
  do {
    const query: { limit: string; cursor?: string } =
      cursor === null ? { limit: "500" } : { limit: "500", cursor };
    const page = await hub.call("contractLogs", { params: { address }, query });
    for (const log of page.items) process.stdout.write(`${lineOf(abi, log, options.json)}\n`);
    cursor = page.next;
  } while (cursor !== null);
}

function cursorAfter(place: string): string {
  const [height, index] = place.split(".");
  return `${height}.${Number(index) + 1}`;
}

function lineOf(abi: Abi, log: ContractLog, asJson: boolean | undefined): string {
  const event = named(abi, log);
  if (asJson === true) return JSON.stringify({ ...log, ...(event && { event }) });
  const what = event ? `${event.name} ${JSON.stringify(event.fields)}` : log.topics.join(" ");
  return `${log.height}.${log.index}  ${what}`;
}

function named(abi: Abi, { topics, data }: ContractLog) {
  try {
    const decoded = decodeEventLog({ abi, topics: topics as [Hex, ...Hex[]], data: data as Hex });
    return { name: String(decoded.eventName), fields: plain(decoded.args) };
  } catch {
    return undefined; // not an event of this ABI
  }
}
