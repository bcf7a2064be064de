import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, withHubOptions } from "../../hub/connect.ts";
import { nextPageLines, type PageOptions, pageQuery, withPageOptions } from "../../hub/page.ts";
import { formatTable, printAnswer } from "../../output.ts";

interface ListOptions extends PageOptions {
  readonly name?: string;
  readonly owner?: string;
}

export function objectListCommand(): Command {
  return withPageOptions(withHubOptions(new Command("list")))
    .description("List objects on the chain, newest first")
    .option("--name <name>", "only those of this name")
    .option("--owner <identity>", "only those of this identity, 20 hexadecimal digits")
    .addHelpText("after", examples("gridledger object list --name tariff.csv"))
    .action(run);
}

async function run(options: ListOptions): Promise<void> {
  const { name, owner } = options;
  const query = {
    ...pageQuery(options),
    ...(name === undefined ? {} : { name }),
    ...(owner === undefined ? {} : { owner }),
  };
  const page = await connectHub(options).call("objects", { query });
  printAnswer(options, page, () => [
    ...formatTable([
      ["address", "name", "bytes", "class", "owner", "root"],
      ...page.items.map((object) => [
        `${object.address?.height}.${object.address?.txIndex}`,
        object.name,
        String(object.sizeBytes),
        object.classification,
        object.ownerName ?? object.owner,
        object.root,
      ]),
    ]),
    ...nextPageLines(page.next),
  ]);
}
