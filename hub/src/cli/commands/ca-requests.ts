import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";

type State = "pending" | "approved" | "rejected";

export function caRequestsCommand(): Command {
  return withHubOptions(new Command("requests"))
    .description("List certificate requests, pending ones first")
    .option("--state <state>", "pending, approved or rejected")
    .addHelpText("after", examples("gridledger ca requests --state pending"))
    .action(list);
}

async function list(options: HubOptions & { readonly state?: State }): Promise<void> {
  const query = options.state === undefined ? {} : { state: options.state };
  const answer = await connectHub(options).call("certificateRequests", { query });
  printAnswer(options, answer, () =>
    formatTable([
      ["request", "name", "role", "identity", "state", "since", "asked by", "decided by"],
      ...answer.items.map((one) => [
        ...[one.id, one.name, one.role, one.identity, one.state, formatTime(one.createdMs)],
        ...[one.askedBy, one.decidedBy ?? "–"],
      ]),
    ]),
  );
}

export function caApproveCommand(): Command {
  return withHubOptions(new Command("approve"))
    .description("Issue what a request asks for, and enrol its identity")
    .argument("<request>", "its id, from `gridledger ca requests`")
    .addHelpText("after", examples("gridledger ca approve 0f3a…"))
    .action(async (id: string, options: HubOptions) => {
      const hub = connectHub(options);
      printDecision(options, await hub.call("approveCertificateRequest", { params: { id } }));
    });
}

export function caRejectCommand(): Command {
  return withHubOptions(new Command("reject"))
    .description("Refuse a request")
    .argument("<request>", "its id, from `gridledger ca requests`")
    .requiredOption("--because <text>", "what the requester is told")
    .addHelpText("after", examples("gridledger ca reject 0f3a… --because 'unknown feeder'"))
    .action(async (id: string, options: HubOptions & { readonly because: string }) => {
      const input = { params: { id }, body: { detail: options.because } };
      printDecision(options, await connectHub(options).call("rejectCertificateRequest", input));
    });
}

function printDecision(options: HubOptions, answer: RouteAnswer<"certificateRequest">): void {
  printAnswer(options, answer, () => [
    `${answer.name}: ${answer.state}`,
    ...answer.serials.map((serial) => `certificate ${serial}`),
  ]);
}
