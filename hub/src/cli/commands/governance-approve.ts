import { requireSuite } from "@gridledger/protocol/crypto/required-suite";
import { Fault } from "@gridledger/protocol/faults";
import { joiningKeyOf } from "@gridledger/protocol/governance/actions/membership";
import { encodeApproval } from "@gridledger/protocol/governance/approval";
import { decodeProposal } from "@gridledger/protocol/governance/proposal";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { Command } from "commander";
import { refuseStop } from "../governance/propose.ts";
import { chairOf, submitSigned, type VoteOptions, withVoteOptions } from "../governance/vote.ts";
import { examples } from "../help.ts";
import { printAnswer } from "../output.ts";

interface ApproveOptions extends VoteOptions {
  readonly force?: boolean;
}

export function approveCommand(): Command {
  return withVoteOptions(new Command("approve"))
    .description("Approve an open proposal as a validator")
    .argument("<proposal>", "its id, from `gridledger governance list`")
    .option("--force", "approve it though it would stop the chain as it is now")
    .addHelpText("after", examples("gridledger governance approve 9f86d081… --key validator-2.pem"))
    .action(run);
}

async function run(id: string, options: ApproveOptions): Promise<void> {
  const chair = await chairOf(options);
  const { council, chain } = chair;
  const item = council.items.find((open) => open.id === id);
  if (item === undefined) throw new Fault("PROPOSAL_UNKNOWN", `${id} is not open`);
  const encoded = Buffer.from(item.encoded, "base64url");
  const proposalId = chain.suite.hash(encoded);
  // The id binds the content: a hub cannot show one change and have another approved.
  if (formatHex(proposalId) !== id)
    throw new Fault("PROPOSAL_UNKNOWN", "the hub shows another one");
  if (options.force !== true) refuseStop(item.forecast);
  const { action } = decodeProposal(encoded);
  if (action.type === "suite") requireSuite(action);
  const joining = joiningKeyOf(action);
  const candidate = council.candidates.find(
    ({ publicKey }) =>
      joining !== undefined && equalBytes(Buffer.from(publicKey, "base64url"), joining),
  );
  // The latest news of the candidate, because the proposal's own may have grown old by now.
  const heartbeat = Buffer.from(candidate?.heartbeat ?? "", "base64url");
  const payload = encodeApproval({ proposalId, heartbeat });
  const submitted = await submitSigned(chair, kind.approval, payload);
  printAnswer(options, { proposal: id, ...submitted }, () => [
    `Approved: ${item.action} ${item.subject}, in block ${submitted.height}.`,
  ]);
}
