import { MAX_COPIES } from "@gridledger/protocol/copies/copy-policy";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { type Classification, classifications } from "@gridledger/protocol/objects/manifest";
import { Argument, Command } from "commander";
import { type ProposeOptions, proposeAction, withProposeOptions } from "../governance/propose.ts";
import { examples } from "../help.ts";
import { parseInteger } from "../parse-integer.ts";

export function proposeCopiesCommand(): Command {
  return withProposeOptions(new Command("propose-copies"))
    .description("Propose how many copies objects of a class have beside their hub's")
    .addArgument(new Argument("<class>", "of objects").choices(Object.keys(classifications)))
    .argument("<copies>", `0 to ${MAX_COPIES}`, parseInteger)
    .addHelpText(
      "after",
      examples("gridledger governance propose-copies internal 3 --key validator-1.pem"),
    )
    .action((classification: Classification, copies: number, options: ProposeOptions) => {
      const action: Action = { type: "copies", classification, copies };
      return proposeAction(options, () => action);
    });
}
