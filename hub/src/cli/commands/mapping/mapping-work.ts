import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";
import { mappingLines } from "./mapping-lines.ts";

const NAME = "its name or id";

export function mappingRunCommand(): Command {
  return withHubOptions(new Command("run"))
    .description("Take lawful news into a batch now")
    .argument("<name>", NAME)
    .addHelpText("after", examples("gridledger mapping run bills"))
    .action(async (id: string, options: HubOptions) => {
      const answer = await connectHub(options).call("runMapping", { params: { id } });
      printAnswer(options, answer, () => [`${answer.rows} rows taken.`]);
    });
}

export function mappingSweepCommand(): Command {
  return withHubOptions(new Command("sweep"))
    .description("Look at every row now, within the budget; the hub goes on by itself")
    .argument("<name>", NAME)
    .addHelpText("after", examples("gridledger mapping sweep bills"))
    .action(async (id: string, options: HubOptions) => {
      const answer = await connectHub(options).call("sweepMapping", { params: { id } });
      printAnswer(options, answer, () => mappingLines(answer));
    });
}

export function mappingPauseCommand(): Command {
  return stateCommand("pause", "Let a mapping stand still", true);
}

export function mappingResumeCommand(): Command {
  return stateCommand("resume", "Let a mapping go on, after what stopped it was mended", false);
}

function stateCommand(name: string, description: string, paused: boolean): Command {
  return withHubOptions(new Command(name))
    .description(description)
    .argument("<name>", NAME)
    .addHelpText("after", examples(`gridledger mapping ${name} bills`))
    .action(async (id: string, options: HubOptions) => {
      const input = { params: { id }, body: { paused } };
      const answer = await connectHub(options).call("pauseMapping", input);
      printAnswer(options, answer, () => mappingLines(answer));
    });
}
