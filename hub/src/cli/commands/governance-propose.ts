import { Fault } from "@gridledger/protocol/faults";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { familyNames, policyNames } from "@gridledger/protocol/governance/policy";
import { Command } from "commander";
import { type ProposeOptions, proposeAction, withProposeOptions } from "../governance/propose.ts";
import { examples } from "../help.ts";
import { parseInteger } from "../parse-integer.ts";

interface EngineOptions extends ProposeOptions {
  readonly parameters: string;
}

interface SuiteOptions extends ProposeOptions {
  readonly package: string;
}

export function proposePolicyCommand(): Command {
  const example = "gridledger governance propose-policy data unanimous --key validator-1.pem";
  return withProposeOptions(new Command("propose-policy"))
    .description("Propose how many validators must agree to a family of actions")
    .argument("<family>", familyNames.join(", "))
    .argument("<policy>", policyNames.join(", "))
    .addHelpText("after", examples(example))
    .action((family: string, policy: string, options: ProposeOptions) => {
      const action: Action = {
        type: "policy",
        family: oneOf("family", familyNames, family),
        policy: oneOf("policy", policyNames, policy),
      };
      return proposeAction(options, () => action);
    });
}

export function proposeEngineCommand(): Command {
  const example = "gridledger governance propose-engine committee --effective-at 5000 --key v1.pem";
  return withProposeOptions(new Command("propose-engine"))
    .description("Propose the consensus engine from a block on; every node must have it by then")
    .argument("<engine>", "its name in the registry of engines")
    .option("--parameters <hex>", "what the engine is given, in its own encoding", "")
    .addHelpText("after", examples(example))
    .action((engine: string, options: EngineOptions) => {
      const parameters = parseHex(options.parameters);
      return proposeAction(options, () => ({ type: "engine", engine, parameters }));
    });
}

export function proposeSuiteCommand(): Command {
  const example = "gridledger governance propose-suite 2 --effective-at 5000 --key validator-1.pem";
  return withProposeOptions(new Command("propose-suite"))
    .description("Propose one more crypto suite that transactions may be signed with")
    .argument("<id>", "the suite's number", parseInteger)
    .option("--package <name>", "npm package that exports it; none for a suite that ships", "")
    .addHelpText("after", examples(example))
    .action((suiteId: number, options: SuiteOptions) =>
      proposeAction(options, () => ({ type: "suite", suiteId, packageName: options.package })),
    );
}

function oneOf<Name extends string>(what: string, names: readonly Name[], given: string): Name {
  const found = names.find((name) => name === given);
  if (found !== undefined) return found;
  throw new Fault("CONFIG_INVALID", `"${given}" is no ${what}; known: ${names.join(", ")}`);
}

function parseHex(text: string): Uint8Array {
  if (/^(?:[0-9a-f]{2})*$/i.test(text)) return Buffer.from(text, "hex");
  throw new Fault("CONFIG_INVALID", "--parameters is not hexadecimal");
}
