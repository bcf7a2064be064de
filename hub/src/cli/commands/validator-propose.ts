import { Fault } from "@gridledger/protocol/faults";
import type { Action } from "@gridledger/protocol/governance/actions/table";
import { Command } from "commander";
import {
  type Council,
  type ProposeOptions,
  proposeAction,
  withProposeOptions,
} from "../governance/propose.ts";
import { examples } from "../help.ts";

export function validatorProposeAddCommand(): Command {
  return withProposeOptions(new Command("propose-add"))
    .description("Propose that a node that has synced becomes a validator")
    .argument("<candidate>", "name or id of an enrolled candidate that is online")
    .addHelpText("after", examples("gridledger validator propose-add node-5 --key validator-1.pem"))
    .action((who: string, options: ProposeOptions) =>
      proposeAction(options, (council) => addition(council, who)),
    );
}

export function validatorProposeRemoveCommand(): Command {
  return withProposeOptions(new Command("propose-remove"))
    .description("Propose that a validator leaves the set")
    .argument("<validator>", "its name or id")
    .addHelpText("after", examples("gridledger validator propose-remove v4 --key validator-1.pem"))
    .action((who: string, options: ProposeOptions) =>
      proposeAction(options, (council) => removal(council, who)),
    );
}

export function validatorProposeReplaceCommand(): Command {
  const example = "gridledger validator propose-replace v4 node-5 --key validator-1.pem";
  return withProposeOptions(new Command("propose-replace"))
    .description("Propose that a node that has synced takes a validator's place")
    .argument("<validator>", "name or id of the one that leaves")
    .argument("<candidate>", "name or id of an enrolled candidate that is online")
    .addHelpText("after", examples(example))
    .action((who: string, by: string, options: ProposeOptions) =>
      proposeAction(options, (council) => replacement(council, who, by)),
    );
}

function addition(council: Council, who: string): Action {
  return { type: "add", ...joinerOf(council, who) };
}

function removal(council: Council, who: string): Action {
  return { type: "remove", publicKey: validatorKey(council, who) };
}

function replacement(council: Council, who: string, by: string): Action {
  const { publicKey: joiningKey, ...joiner } = joinerOf(council, by);
  return { type: "replace", publicKey: validatorKey(council, who), joiningKey, ...joiner };
}

function joinerOf({ candidates }: Council, who: string) {
  const { publicKey, name, heartbeat } = pick(candidates, who, "candidate that is online");
  const [key, news] = [Buffer.from(publicKey, "base64url"), Buffer.from(heartbeat, "base64url")];
  return { publicKey: key, name, heartbeat: news };
}

function validatorKey({ validators }: Council, who: string): Uint8Array {
  return Buffer.from(pick(validators, who, "validator").publicKey, "base64url");
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
