import { writeFileSync } from "node:fs";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, printAnswer } from "../output.ts";

interface ShowOptions extends HubOptions {
  readonly slot?: string;
  readonly proof?: string;
}

export function contractShowCommand(): Command {
  return withHubOptions(new Command("show"))
    .description("Show contracts, one contract, or a slot of its storage with its proof")
    .argument("[address]", "of one contract; without it all are listed")
    .option("--slot <number>", "a slot of its storage: a number, or 0x and 64 digits")
    .option("--proof <file>", "write the proof for gridledger verify")
    .addHelpText("after", examples("gridledger contract show 0x5f… --slot 1 --proof slot.json"))
    .action(run);
}

async function run(address: string | undefined, options: ShowOptions): Promise<void> {
  const hub = connectHub(options);
  if (address === undefined) return list(hub, options);
  const rows =
    options.slot === undefined
      ? await account(hub, address)
      : await slot(hub, address, options.slot);
  if (options.proof !== undefined) {
    writeFileSync(options.proof, `${JSON.stringify(rows.answer.proof, null, 2)}\n`);
  }
  printAnswer(options, rows.answer, () => formatTable(rows.table));
}

async function list(hub: Hub, options: ShowOptions): Promise<void> {
  const { items } = await hub.call("contracts", { query: { limit: "500" } });
  printAnswer(options, items, () =>
    formatTable([
      ["contract", "block", "deployed by"],
      ...items.map((item) => [item.address, String(item.height), deployerOf(item)]),
    ]),
  );
}

/** Contracts of the genesis are nobody's; the library says which they are. */
function deployerOf({ creator, library }: RouteAnswer<"contracts">["items"][number]): string {
  if (library !== null) return `the genesis: ${library.name} ${library.version}`;
  return creator.name ?? creator.id;
}

async function account(hub: Hub, address: string) {
  const answer = await hub.call("contract", { params: { address } });
  const table = [
    ["contract", answer.address],
    ["deployed", `block ${answer.height} by ${deployerOf(answer)}`],
    ["code", `${(answer.code.length - 2) / 2} bytes, ${answer.codeHash}`],
    ["storage root", answer.storageRoot],
    ["proven to", `block ${answer.provenHeight}`],
  ];
  return { answer, table };
}

async function slot(hub: Hub, address: string, text: string) {
  const number = /^\d+$/.test(text) ? `0x${BigInt(text).toString(16).padStart(64, "0")}` : text;
  const answer = await hub.call("contractSlot", { params: { address, slot: number } });
  const table = [
    ["slot", number],
    ["value", answer.value],
    ["proven to", `block ${answer.provenHeight}`],
  ];
  return { answer, table };
}
