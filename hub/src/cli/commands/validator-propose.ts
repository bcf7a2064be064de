import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { encodeProposal, type Proposal } from "@gridledger/protocol/governance/proposal";
import { forecast } from "@gridledger/protocol/governance/quorum-guard";
import { formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { Command } from "commander";
import { chairOf, submitSigned, type VoteOptions, withVoteOptions } from "../governance/vote.ts";
import { examples } from "../help.ts";
import { printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

const nothing = new Uint8Array(0);
const DEFAULT_LIFETIME_BLOCKS = 10_000;

interface ProposeOptions extends VoteOptions {
  readonly blocks: number;
  readonly force?: boolean;
}

type Council = RouteAnswer<"proposals">;

export function validatorProposeAddCommand(): Command {
  return withProposeOptions(new Command("propose-add"))
    .description("Propose that a node that has synced becomes a validator")
    .argument("<candidate>", "name or id of an enrolled candidate that is online")
    .addHelpText("after", examples("gridledger validator propose-add node-5 --key validator-1.pem"))
    .action((who: string, options: ProposeOptions) =>
      propose(options, (council) => addition(council, who)),
    );
}

export function validatorProposeRemoveCommand(): Command {
  return withProposeOptions(new Command("propose-remove"))
    .description("Propose that a validator leaves the set")
    .argument("<validator>", "its name or id")
    .addHelpText("after", examples("gridledger validator propose-remove v4 --key validator-1.pem"))
    .action((who: string, options: ProposeOptions) =>
      propose(options, (council) => removal(council, who)),
    );
}

function withProposeOptions(command: Command): Command {
  return withVoteOptions(command)
    .option("--blocks <count>", "how long it may wait", parseInteger, DEFAULT_LIFETIME_BLOCKS)
    .option("--force", "propose it though it would stop the chain as it is now");
}

type Change = Omit<Proposal, "expiresAtHeight">;

async function propose(
  options: ProposeOptions,
  changeOf: (council: Council) => Change,
): Promise<void> {
  const chair = await chairOf(options);
  const { council } = chair;
  const change = changeOf(council);
  const effect = guard(council, change, options.force === true);
  const proposal = { ...change, expiresAtHeight: council.height + options.blocks };
  const payload = encodeProposal(proposal);
  const submitted = await submitSigned(chair, kind.proposal, payload);
  const id = formatHex(chair.chain.suite.hash(payload));
  printAnswer(options, { proposal: id, ...submitted }, () => [
    `Proposal ${id} is in block ${submitted.height}.`,
    `Effect: ${effect}.`,
    `The other validators approve it: gridledger validator approve ${id} --key <file>`,
  ]);
}

/** @throws Fault QUORUM_AT_RISK, with what to do first */
function guard(council: Council, change: Change, isForced: boolean): string {
  const seats = council.validators.map(({ publicKey, name, online }) => {
    return { publicKey: Buffer.from(publicKey, "base64url"), name, online };
  });
  // Only a candidate whose heartbeat has come can be proposed at all.
  const { verdict, reason, safeOrder } = forecast(seats, council.policy, change, true);
  if (verdict === "stops-chain" && !isForced) {
    throw new Fault("QUORUM_AT_RISK", `${reason}; instead: ${safeOrder.join(", then ")}`);
  }
  return reason;
}

function addition({ candidates }: Council, who: string): Change {
  const { publicKey, name, heartbeat } = pick(candidates, who, "candidate that is online");
  return {
    ...{ operation: "add", name, joiningKey: nothing },
    publicKey: Buffer.from(publicKey, "base64url"),
    heartbeat: Buffer.from(heartbeat, "base64url"),
  };
}

function removal({ validators }: Council, who: string): Change {
  const publicKey = Buffer.from(pick(validators, who, "validator").publicKey, "base64url");
  return { operation: "remove", publicKey, joiningKey: nothing, name: "", heartbeat: nothing };
}

function pick<Item extends { readonly id: string; readonly name: string }>(
  items: readonly Item[],
  who: string,
  what: string,
): Item {
  const found = items.filter(({ id, name }) => id === who || name === who);
  if (found.length === 1) return found[0]!;
  const known = items.map(({ name }) => name).join(", ");
  const reason = found.length === 0 ? `no ${what} is` : `more than one ${what} is`;
  throw new Fault("NOT_FOUND", `${reason} called "${who}"; known: ${known || "none"}`);
}
