import type { ObjectView } from "@gridledger/protocol/api/objects-contract";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { formatTable, printAnswer } from "../../output.ts";

export function objectShowCommand(): Command {
  return withHubOptions(new Command("show"))
    .description("Show an object: where it is, what is said of it, whether it is final")
    .argument("<object>", "its root, its transaction, or height.index")
    .addHelpText("after", examples("gridledger object show 12.0"))
    .action(run);
}

async function run(name: string, options: HubOptions): Promise<void> {
  const object = await connectHub(options).call("object", { params: { object: name } });
  printAnswer(options, object, () => formatTable(rowsOf(object)));
}

function rowsOf(object: ObjectView): string[][] {
  const { address, refusal, retentionDays } = object;
  return [
    ["name", object.name],
    ["state", refusal === null ? object.state : `refused: ${refusal.code} ${refusal.detail}`],
    ["address", address === null ? "–" : `${address.channel} ${address.height}.${address.txIndex}`],
    ["root", object.root],
    ["transaction", object.transaction],
    ["owner", object.ownerName ?? object.owner],
    ["bytes", String(object.sizeBytes)],
    ["chunks", `${object.chunksHere} of ${object.chunks} here, ${object.chunkBytes} bytes each`],
    ["media type", object.mediaType],
    ["conversion", object.conversion],
    ["salts", object.saltPolicy],
    ["class", object.classification],
    ["kept", retentionDays === 0 ? "without an end" : `${retentionDays} days`],
  ];
}
