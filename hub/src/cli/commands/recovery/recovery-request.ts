import { termsDigest } from "@gridledger/protocol/recovery/step-content";
import { Command, InvalidArgumentError } from "commander";
import { examples } from "../../help.ts";
import { formatTime, printAnswer } from "../../output.ts";
import { parseInteger } from "../../parse-integer.ts";
import { ownOpener } from "../../recovery/encryption-key-file.ts";
import {
  placeLine,
  type SignatoryOptions,
  signatoryOf,
  signStep,
  withSignatoryOptions,
} from "../../recovery/signatory.ts";

const DAY_MS = 86_400_000;

interface RequestOptions extends SignatoryOptions {
  readonly reason: string;
  readonly legalBasis: string;
  readonly newKey: string;
  readonly days: number;
  readonly own?: boolean;
}

export function recoveryRequestCommand(): Command {
  return withSignatoryOptions(new Command("request"))
    .description("Ask custodians for a kept key, as its owner or an operator")
    .argument("<public-key>", "of the kept key, from `gridledger recovery list`", parsePublicKey)
    .requiredOption("--reason <text>", "why it is needed; custodians and owner read it")
    .requiredOption("--legal-basis <text>", "law, contract or order that permits it")
    .requiredOption(
      "--new-key <file>",
      "what shares are sealed to; made where there is no such file",
    )
    .option("--days <count>", "how long custodians may answer, 30 at most", parseInteger, 7)
    .option("--own", "the key is your own")
    .addHelpText(
      "after",
      examples(
        "gridledger recovery request 02ab… --key me.key --reason 'disk lost' --legal-basis 'contract §7' --new-key new.key",
      ),
    )
    .action(run);
}

async function run(publicKey: string, options: RequestOptions): Promise<void> {
  const signatory = await signatoryOf(options);
  const { hub, chain, id } = signatory;
  const { reason, legalBasis, days, own } = options;
  const expiresMs = Date.now() + days * DAY_MS;
  const { publicKey: recipientKey } = ownOpener(chain.suite, options.newKey);
  const key = Buffer.from(publicKey, "hex");
  const digest = termsDigest(chain.suite.hash, { reason, legalBasis, expiresMs });
  const record = { action: "asked", publicKey: key, recipientKey } as const;
  const transaction = await signStep(signatory, record, digest);
  const body = { transaction, reason, legalBasis, expiresMs, ...(own && { owner: id }) };
  const answer = await hub.call("askForKey", { body });
  printAnswer(options, answer, () => [
    `request ${answer.id}, open until ${formatTime(expiresMs)}`,
    placeLine(answer),
    `Each custodian now runs: gridledger recovery release ${answer.id} --key … --encryption-key …`,
  ]);
}

/** A public key of the command line. */
function parsePublicKey(text: string): string {
  if (/^(?:[0-9a-f]{2}){1,65}$/.test(text)) return text;
  throw new InvalidArgumentError("Not a public key: hexadecimal digits.");
}
