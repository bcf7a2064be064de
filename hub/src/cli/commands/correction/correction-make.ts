import { Fault } from "@gridledger/protocol/faults";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { decodeContent } from "@gridledger/protocol/metering/correction";
import {
  type CorrectionReason,
  correctionReasons,
} from "@gridledger/protocol/metering/correction-reason";
import { Command, Option } from "commander";
import { writeCorrectionFile } from "../../corrections/correction-file.ts";
import { correctionLines, correctionView } from "../../corrections/correction-lines.ts";
import { makeContent } from "../../corrections/make-content.ts";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";
import { parseMeter, parseTime } from "../../parse-argument.ts";

interface MakeOptions extends HubOptions {
  readonly register: string;
  readonly value?: string;
  readonly estimate?: string;
  readonly void?: boolean;
  readonly reason: CorrectionReason;
  readonly words: string;
  readonly output: string;
}

export function correctionMakeCommand(): Command {
  return withHubOptions(new Command("make"))
    .description("Write a correction of one value into a file, with the proof of its reading")
    .argument("<meter>", "the meter's name", parseMeter)
    .argument("<time>", "the reading's time: ISO 8601 with offset, or Unix milliseconds", parseTime)
    .requiredOption("--register <obis>", "e.g. 1-0:1.8.0")
    .option("--value <decimal>", "what it was in truth, in the register's unit")
    .option("--estimate <decimal>", "a substitute, in the register's unit")
    .option("--void", "it says nothing, and nothing stands in for it")
    .addOption(
      new Option("--reason <reason>", "why").choices(correctionReasons).makeOptionMandatory(),
    )
    .requiredOption("--words <text>", "what happened, for whoever asks later")
    .option("-o, --output <file>", "where it goes", "correction.json")
    .addHelpText(
      "after",
      examples(
        'gridledger correction make E0012 2026-11-21T10:15:00Z --register 1-0:1.8.0 --value 1150 --reason manual-reading --words "read on site"',
      ),
    )
    .action(run);
}

async function run(meter: string, timeMs: number, options: MakeOptions): Promise<void> {
  const hub = connectHub(options);
  const chain = decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"));
  const { register: obis, reason, words, output } = options;
  const wanted = { meter, timeMs, obis, reason, words, ...standOf(options) };
  const encodedContent = await makeContent(chain, hub, wanted);
  writeCorrectionFile(chain, output, { encodedContent, agreement: undefined });
  const content = decodeContent(encodedContent);
  printAnswer(options, { file: output, ...correctionView(content) }, () => [
    `Written to ${output}:`,
    ...correctionLines(content).slice(0, -1),
    `Somebody else agrees: gridledger correction agree ${output} --key second.pem`,
    `Then: gridledger correction submit ${output} --key sender.pem`,
  ]);
}

/** @throws Fault USAGE_INVALID unless exactly one is said */
function standOf({ value, estimate, void: isVoid = false }: MakeOptions) {
  const said = [value !== undefined, estimate !== undefined, isVoid].filter(Boolean);
  if (said.length !== 1) {
    throw new Fault("USAGE_INVALID", "say one: --value, --estimate or --void");
  }
  if (isVoid) return { status: "void", decimal: undefined } as const;
  if (value !== undefined) return { status: "corrected", decimal: value } as const;
  return { status: "estimated", decimal: estimate } as const;
}
