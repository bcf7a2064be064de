import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { CopyView } from "@gridledger/protocol/api/copies-contract";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../../output.ts";

export function objectCopiesCommand(): Command {
  return withHubOptions(new Command("copies"))
    .description("Say who keeps copies of an object; without one, how all objects are kept")
    .argument("[object]", "its root, its transaction, or height.index")
    .addHelpText("after", examples("gridledger object copies 12.0", "gridledger object copies"))
    .action(run);
}

async function run(name: string | undefined, options: HubOptions): Promise<void> {
  const hub = connectHub(options);
  if (name === undefined) {
    const answer = await hub.call("copies");
    printAnswer(options, answer, () => summaryLines(answer));
    return;
  }
  const answer = await hub.call("objectCopies", { params: { object: name } });
  printAnswer(options, answer, () => objectLines(answer));
}

function summaryLines(answer: RouteAnswer<"copies">): string[] {
  const { wanted, objects, underReplicated, copies, holders, lookedMs } = answer;
  const classes = Object.entries(wanted).map(([name, count]) => `${count} of what is ${name}`);
  const states = Object.entries(copies).map(([state, count]) => `${count} ${state}`);
  const rows = holders.map((one) => [
    nameOf(one),
    `${one.capacityBytes} bytes`,
    one.lost ? "LOST OR FULL" : "there",
  ]);
  return [
    `${underReplicated} of ${objects} objects have fewer copies than the rule wants`,
    `wanted beside the hub's own: ${classes.join(", ")}`,
    `copies: ${states.join(", ") || "none"}`,
    `looked at: ${formatTime(lookedMs)}`,
    ...formatTable([["holder", "keeps up to", "state"], ...rows]),
  ];
}

function objectLines(answer: RouteAnswer<"objectCopies">): string[] {
  const { wanted, held, copies, placement } = answer;
  const rows = copies.map((copy) => [
    nameOf(copy),
    copy.state === "held" ? "held" : `${copy.state.toUpperCase()} (${copy.reason ?? "-"})`,
    copy.signed ? "signed" : "",
    formatTime(copy.checkedMs),
    copy.faults === 0 ? "" : `${copy.faults} times bad`,
  ]);
  return [
    `${held} of ${wanted} copies beside the hub's own`,
    `the rule names: ${placement.map(nameOf).join(", ") || "nobody: no holder is declared"}`,
    ...formatTable([["holder", "state", "statement", "last checked", "faults"], ...rows]),
  ];
}

function nameOf({ holder, name, store }: Pick<CopyView, "holder" | "name" | "store">): string {
  return store === null ? (name ?? holder) : `${name ?? holder}/${store}`;
}
