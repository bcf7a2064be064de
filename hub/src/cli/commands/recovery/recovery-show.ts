import { Command } from "commander";
import { examples } from "../../help.ts";
import { formatTable, formatTime, printAnswer } from "../../output.ts";
import {
  type SignatoryOptions,
  signatoryOf,
  withSignatoryOptions,
} from "../../recovery/signatory.ts";

interface ShowOptions extends SignatoryOptions {
  readonly own?: boolean;
}

export function recoveryShowCommand(): Command {
  return withSignatoryOptions(new Command("show"))
    .description("Show one request: who asks, why, and whose shares are there")
    .argument("<request>", "its id")
    .option("--own", "the key is your own")
    .addHelpText("after", examples("gridledger recovery show 5d… --key me.key"))
    .action(show);
}

async function show(id: string, options: ShowOptions): Promise<void> {
  const { hub, id: self } = await signatoryOf(options);
  const query = options.own ? { owner: self } : {};
  const answer = await hub.call("recoveryRequest", { params: { id }, query });
  const { label, owner, requester, askedBy, reason, legalBasis, state, expiresMs } = answer;
  printAnswer(options, answer, () => [
    ...formatTable([
      ["key", `${label} (${answer.publicKey})`],
      ["owner", `${owner.name ?? "–"} ${owner.id}`],
      ["asked by", `${requester.name ?? "–"} ${requester.id} (account ${askedBy})`],
      ["reason", reason],
      ["legal basis", legalBasis],
      ["state", `${state}, until ${formatTime(expiresMs)}`],
    ]),
    "",
    ...formatTable([
      ["place", "custodian", "organisation", "share"],
      ...answer.custodians.map((one) => [
        ...[String(one.place), one.name ?? one.id, one.organisation, one.share],
      ]),
    ]),
  ]);
}

export function recoveryNoticesCommand(): Command {
  return withSignatoryOptions(new Command("notices"))
    .description("What was done with your keys, and what asks for your share")
    .addHelpText("after", examples("gridledger recovery notices --key me.key"))
    .action(async (options: SignatoryOptions) => {
      const { hub } = await signatoryOf(options);
      const answer = await hub.call("recoveryNotices");
      printAnswer(options, answer, () =>
        formatTable([
          ["when", "what", "key", "by", "detail"],
          ...answer.items.map(({ timeMs, what, label, by, detail }) => [
            ...[formatTime(timeMs), what, label, by.name ?? by.id, detail],
          ]),
        ]),
      );
    });
}
