import type { RouteInput } from "@gridledger/protocol/api/contract";
import { Command } from "commander";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTime, printAnswer } from "../output.ts";

interface RevokeOptions extends HubOptions {
  readonly reason: RouteInput<"revokeCertificate">["body"]["reason"];
}

export function caRevokeCommand(): Command {
  return withHubOptions(new Command("revoke"))
    .description(
      "Take a certificate back, for good: in the CRL at once, on the chain with the next block",
    )
    .argument("<serial>", "its serial number")
    .requiredOption(
      "--reason <reason>",
      "unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn",
    )
    .addHelpText("after", examples("gridledger ca revoke 5f0c… --reason keyCompromise"))
    .action(async (serial: string, options: RevokeOptions) => {
      const input = { params: { serial }, body: { reason: options.reason } };
      const answer = await connectHub(options).call("revokeCertificate", input);
      printAnswer(options, answer, () => [
        `${answer.name} (${serial}) is revoked; the chain ${answer.recorded ? "has its record" : "will hear of it"}.`,
      ]);
    });
}

interface CrlOptions extends HubOptions {
  readonly issuer?: string;
  readonly pem?: boolean;
}

export function caCrlCommand(): Command {
  return withHubOptions(new Command("crl"))
    .description("Show or print an authority's revocation list")
    .option("--issuer <id>", "an issuing authority, or root; default: the first issuing one")
    .option("--pem", "print the list itself")
    .addHelpText("after", examples("gridledger ca crl --pem > utility.crl"))
    .action(async (options: CrlOptions) => {
      const query = options.issuer === undefined ? {} : { issuer: options.issuer };
      const answer = await connectHub(options).call("crl", { query });
      const { number, revoked, nextUpdateMs } = answer;
      const line = `CRL ${number}: ${revoked} revoked, next by ${formatTime(nextUpdateMs)}`;
      printAnswer(options, answer, () => [options.pem ? answer.pem.trimEnd() : line]);
    });
}
