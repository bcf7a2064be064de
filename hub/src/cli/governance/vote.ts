import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { type Chain, decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { signTransaction, VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import type { Command } from "commander";
import { readGenesis } from "../files.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { readSigningKey, type SigningKey } from "../signing/signing-key.ts";

const WAIT_MS = 30_000;

export interface VoteOptions extends HubOptions {
  readonly key: string;
  readonly genesis?: string;
}

export function withVoteOptions(command: Command): Command {
  return withHubOptions(command)
    .requiredOption("--key <file>", "the validator's key file; it never leaves this machine")
    .option("--genesis <file>", "sign for this chain; without it the hub is asked");
}

/** What a validator needs to take part: its key, the chain, and how things stand. */
export interface Chair {
  readonly hub: Hub;
  readonly chain: Chain;
  readonly key: SigningKey;
  readonly council: RouteAnswer<"proposals">;
}

export async function chairOf(options: VoteOptions): Promise<Chair> {
  const hub = connectHub(options);
  const chain =
    options.genesis === undefined
      ? decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"))
      : readGenesis(options.genesis);
  const key = await readSigningKey(hub, chain, options.key);
  return { hub, chain, key, council: await hub.call("proposals") };
}

/** @throws Fault what the validators say to it, NOT_READY when it is not final in time */
export async function submitSigned(
  { hub, chain, key, council }: Chair,
  kindNumber: number,
  payload: Uint8Array,
): Promise<RouteAnswer<"submitTransaction">> {
  const body = {
    kind: kindNumber,
    validUntilHeight: council.height + VALIDITY_WINDOW_BLOCKS / 2,
    nonce: new Uint8Array(0),
    payload,
  };
  const transaction = signTransaction(key.suite, key.signer, chain.chainId, body, key.id);
  const answer = await hub.call("submitTransaction", {
    query: { waitMs: WAIT_MS },
    body: { transaction: Buffer.from(transaction).toString("base64url") },
  });
  if (answer.state === "final") return answer;
  throw new Fault("NOT_READY", `not final after ${WAIT_MS / 1_000} s; the hub sends it on`);
}
