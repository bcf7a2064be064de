import { Command } from "commander";
import { contractBindCommand } from "./contract-bind.ts";
import { contractCallCommand } from "./contract-call.ts";
import { contractCompileCommand } from "./contract-compile.ts";
import { contractDeployCommand } from "./contract-deploy.ts";
import { contractEventsCommand } from "./contract-events.ts";
import { contractShowCommand } from "./contract-show.ts";

export function contractCommand(): Command {
  return new Command("contract")
    .description("Compile, deploy, call and watch contracts")
    .addCommand(contractCompileCommand())
    .addCommand(contractDeployCommand())
    .addCommand(contractCallCommand())
    .addCommand(contractBindCommand())
    .addCommand(contractShowCommand())
    .addCommand(contractEventsCommand());
}
