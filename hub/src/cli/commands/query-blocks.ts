import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, withHubOptions } from "../hub/connect.ts";
import { nextPageLines, type PageOptions, pageQuery, withPageOptions } from "../hub/page.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";

export function queryBlocksCommand(): Command {
  return withPageOptions(withHubOptions(new Command("blocks")))
    .description("List blocks, newest first")
    .addHelpText("after", examples("gridledger query blocks --limit 10"))
    .action(run);
}

async function run(options: PageOptions): Promise<void> {
  const page = await connectHub(options).call("blocks", { query: pageQuery(options) });
  printAnswer(options, page, () => [
    ...formatTable([
      ["height", "time", "transactions", "readings", "bytes", "proposer", "hash"],
      ...page.items.map((block) => [
        String(block.height),
        formatTime(block.timeMs),
        String(block.txCount),
        String(block.readings),
        String(block.bytes),
        block.proposer.name,
        block.hash,
      ]),
    ]),
    ...nextPageLines(page.next),
  ]);
}
