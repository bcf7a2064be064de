import { formatHex } from "@gridledger/protocol/hex";
import type { Encoding } from "@gridledger/protocol/objects/conversions/encodings";
import { Command } from "commander";
import { CommandFailure } from "../../errors.ts";
import { exitCode } from "../../exit-codes.ts";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { compareFile, type Difference } from "../../objects/compare.ts";
import { encodingOption } from "../../objects/encoding-option.ts";
import { fetchCheckable } from "../../objects/proven-object.ts";
import { formatTime, printAnswer } from "../../output.ts";

interface VerifyOptions extends HubOptions {
  readonly genesis?: string;
  readonly encoding?: Encoding;
}

export function objectVerifyCommand(): Command {
  return withHubOptions(new Command("verify"))
    .description("Say whether a file is what was put, and which bytes of it are not")
    .argument("<object>", "its root, its transaction, or height.index")
    .argument("<file>", "the data")
    .addOption(encodingOption())
    .option("--genesis <file>", "check against this genesis; without it the hub is asked")
    .addHelpText(
      "after",
      examples("gridledger object verify 12.0 tariff.csv --genesis genesis.cbor"),
    )
    .action(run);
}

async function run(name: string, file: string, options: VerifyOptions): Promise<void> {
  const object = await fetchCheckable(connectHub(options), name, options.genesis);
  const { manifest, proven } = object;
  const difference = await compareFile(object, file, options.encoding);
  const root = formatHex(manifest.root);
  if (difference !== undefined) throw notVerified(file, root, difference, options.json === true);
  const answer = { verified: true, root, height: proven.height };
  printAnswer(options, answer, () => [
    `Verified: ${file} is the object with root ${root}, final in block ${proven.height}, ${formatTime(proven.blockTimeMs)}.`,
  ]);
}

/** Guide §4.4.4 b): which part is wrong, not only that something is. */
function notVerified(
  file: string,
  root: string,
  { sizeBytes, expectedBytes, spans }: Difference,
  json: boolean,
): CommandFailure {
  const error = { code: "PROOF_INVALID", sizeBytes, expectedBytes, spans };
  const lines = [
    `NOT verified: ${file} is not the object with root ${root}`,
    ...(sizeBytes === expectedBytes ? [] : [`it has ${sizeBytes} bytes, not ${expectedBytes}`]),
    ...spans.map(({ from, to }) => `bytes ${from} to ${to - 1} differ`),
  ];
  const text = json ? JSON.stringify({ verified: false, error }) : lines.join("\n");
  return new CommandFailure(exitCode.notVerified, text);
}
