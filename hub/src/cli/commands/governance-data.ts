import type { Action } from "@gridledger/protocol/governance/actions/table";
import { Command } from "commander";
import { type ProposeOptions, proposeAction, withProposeOptions } from "../governance/propose.ts";
import { examples } from "../help.ts";
import { parseHash } from "../parse-argument.ts";

interface DataOptions extends ProposeOptions {
  readonly basis: string;
}

export function proposeErasureCommand(): Command {
  const example =
    'gridledger governance propose-erasure 9f86d081… --basis "PIPL art. 47" --key validator-1.pem';
  return withBasis(new Command("propose-erasure"))
    .description("Propose to erase an object: bytes and salts everywhere, its root stays")
    .argument("<root>", "of the object", parseHash)
    .addHelpText("after", examples(example))
    .action((root: string, options: DataOptions) => {
      const legalBasis = options.basis;
      const action: Action = { type: "erasure", root: Buffer.from(root, "hex"), legalBasis };
      return proposeAction(options, () => action);
    });
}

export function proposeAmendmentCommand(): Command {
  const example =
    'gridledger governance propose-amendment 9f86d081… 2c26b46b… --basis "order 12/2026" --key v1.pem';
  return withBasis(new Command("propose-amendment"))
    .description("Propose that an object takes the place of another; both stay")
    .argument("<root>", "of the one that is wrong", parseHash)
    .argument("<successor>", "root of the right one, on the chain already", parseHash)
    .addHelpText("after", examples(example))
    .action((root: string, successor: string, options: DataOptions) => {
      const action: Action = {
        type: "amendment",
        root: Buffer.from(root, "hex"),
        successor: Buffer.from(successor, "hex"),
        legalBasis: options.basis,
      };
      return proposeAction(options, () => action);
    });
}

function withBasis(command: Command): Command {
  return withProposeOptions(command).requiredOption(
    "--basis <text>",
    "the law, contract or order that allows it",
  );
}
