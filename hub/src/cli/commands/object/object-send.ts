import { Command } from "commander";
import { CommandFailure } from "../../errors.ts";
import { exitCode } from "../../exit-codes.ts";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { chainOf } from "../../objects/proven-object.ts";
import { type Sent, sendSpool } from "../../objects/spool/send-spooled.ts";
import { printAnswer } from "../../output.ts";
import { readSigningKey } from "../../signing/signing-key.ts";

const WAIT_MS = 30_000;

interface SendOptions extends HubOptions {
  readonly spool: string;
  readonly key: string;
  readonly genesis?: string;
  readonly wait?: boolean;
}

export function objectSendCommand(): Command {
  return withHubOptions(new Command("send"))
    .description(
      "Send what `object put --spool` kept; again goes on, and fetches proofs of finality",
    )
    .requiredOption("--spool <folder>", "where objects wait")
    .requiredOption("--key <file>", "the key with which they were spooled")
    .option("--genesis <file>", "the chain that is believed; without it the hub is asked")
    .option("--wait", "wait until each is final")
    .addHelpText(
      "after",
      examples(
        "gridledger object send --spool /var/spool/gridledger --key gateway.page --genesis genesis.cbor --wait",
      ),
    )
    .action(run);
}

async function run(options: SendOptions): Promise<void> {
  const hub = connectHub(options);
  const chain = await chainOf(hub, options.genesis);
  const key = await readSigningKey(hub, chain, options.key);
  const waitMs = options.wait === true ? WAIT_MS : 0;
  const sent = await sendSpool({ hub, chain, key }, options.spool, waitMs);
  printAnswer(options, { objects: sent.map(viewOf) }, () =>
    sent.length === 0 ? ["Nothing waits."] : sent.map(lineOf),
  );
  if (sent.some(({ fault }) => fault !== undefined)) throw new CommandFailure(exitCode.refused, "");
}

function viewOf({ root, state, fault }: Sent) {
  const error = fault === undefined ? null : { code: fault.code, detail: fault.message };
  return { root, state, error };
}

function lineOf({ root, state, fault }: Sent): string {
  if (fault !== undefined) return `${root}  failed: ${fault.code} ${fault.message}`;
  return state === "final"
    ? `${root}  final; its proof is kept, its bytes have left the spool`
    : `${root}  on the hub's disk, signed by it; not final yet: send again`;
}
