import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { formatTable, formatTime, printAnswer } from "../../output.ts";
import {
  type SignatoryOptions,
  signatoryOf,
  withSignatoryOptions,
} from "../../recovery/signatory.ts";

interface ListOptions extends SignatoryOptions {
  readonly own?: boolean;
}

export function recoveryListCommand(): Command {
  return withSignatoryOptions(new Command("list"))
    .description("List kept keys and requests, and what waits for you")
    .option("--own", "only those of your own keys")
    .addHelpText("after", examples("gridledger recovery list --key me.key"))
    .action(list);
}

async function list(options: ListOptions): Promise<void> {
  const { hub, id } = await signatoryOf(options);
  const query = options.own ? { owner: id } : {};
  const keys = await hub.call("recoveryKeys", { query });
  const requests = await hub.call("recoveryRequests", { query });
  const answer = { keys: keys.items, requests: requests.items };
  printAnswer(options, answer, () => [
    ...formatTable([["kept key", "label", "owner", "needed"], ...keys.items.map(keyRow)]),
    "",
    ...formatTable([
      ["request", "label", "asked by", "state", "shares", "until", "waits for you to"],
      ...requests.items.map(requestRow),
    ]),
  ]);
}

function keyRow(key: RouteAnswer<"recoveryKeys">["items"][number]): string[] {
  const { publicKey, label, owner, threshold, custodians } = key;
  return [publicKey, label, owner.name ?? owner.id, `${threshold} of ${custodians.length}`];
}

function requestRow(request: RouteAnswer<"recoveryRequests">["items"][number]): string[] {
  const { id, label, requester, state, custodians, threshold, expiresMs, waiting } = request;
  const released = custodians.filter(({ share }) => share === "released").length;
  return [
    ...[id, label, requester.name ?? requester.id, state, `${released} of ${threshold}`],
    ...[formatTime(expiresMs), waiting ?? "–"],
  ];
}

export function recoveryCustodiansCommand(): Command {
  return withSignatoryOptions(new Command("custodians"))
    .description("List who could keep a share")
    .addHelpText("after", examples("gridledger recovery custodians --key me.key"))
    .action(async (options: SignatoryOptions) => {
      const { hub } = await signatoryOf(options);
      const answer = await hub.call("custodians");
      printAnswer(options, answer, () =>
        formatTable([
          ["custodian", "name", "organisation"],
          ...answer.items.map(({ id, name, organisation }) => [id, name ?? "–", organisation]),
        ]),
      );
    });
}
