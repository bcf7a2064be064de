import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { formatTable, printAnswer } from "../../output.ts";

export function objectErasureCommand(): Command {
  return withHubOptions(new Command("erasure"))
    .description("Say which replicas have erased an object, and which have not yet")
    .argument("<object>", "its root, its transaction, or height.index")
    .addHelpText("after", examples("gridledger object erasure 12.0"))
    .action(run);
}

async function run(name: string, options: HubOptions): Promise<void> {
  const answer = await connectHub(options).call("objectErasure", { params: { object: name } });
  const { height, legalBasis, receipts, outstanding } = answer;
  printAnswer(options, answer, () => [
    `To be erased since block ${height}: ${legalBasis}`,
    ...formatTable([
      ["replica", "erased"],
      ...receipts.map((one) => [one.name ?? one.replica, `receipt in block ${one.height}`]),
      ...outstanding.map((one) => [one.name ?? one.replica, "NO RECEIPT YET"]),
    ]),
  ]);
}
