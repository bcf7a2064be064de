import { Fault } from "@gridledger/protocol/faults";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { encodeCorrection } from "@gridledger/protocol/metering/correction";
import { Command } from "commander";
import { readCorrectionFile } from "../../corrections/correction-file.ts";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { readKeyFile } from "../../key-file.ts";
import { printAnswer } from "../../output.ts";

const WAIT_MS = 30_000;
const VALID_BLOCKS = 512;

interface SubmitOptions extends HubOptions {
  readonly key: string;
  readonly identity?: string;
}

export function correctionSubmitCommand(): Command {
  return withHubOptions(new Command("submit"))
    .description("Sign a correction, hand it in, and wait until it is final")
    .argument("<file>", "as `correction make` wrote it")
    .requiredOption("--key <file>", "key file of the meter's device, or of an operator")
    .option("--identity <id>", "whose key it is, where it is not that identity's first one")
    .addHelpText(
      "after",
      examples("gridledger correction submit correction.json --key operator.pem"),
    )
    .action(run);
}

async function run(path: string, options: SubmitOptions): Promise<void> {
  const hub = connectHub(options);
  const chain = decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"));
  const { encodedContent, agreement } = readCorrectionFile(chain, path);
  const signer = await readKeyFile(chain.suite, options.key);
  const { height } = await hub.call("status");
  const body = {
    ...{ kind: kind.correction, validUntilHeight: height + VALID_BLOCKS },
    ...{ nonce: new Uint8Array(0), payload: encodeCorrection({ encodedContent, agreement }) },
  };
  const sender = options.identity === undefined ? [] : [Buffer.from(options.identity, "hex")];
  const transaction = signTransaction(chain.suite, signer, chain.chainId, body, ...sender);
  const answer = await hub.call("submitCorrection", {
    query: { waitMs: WAIT_MS },
    body: { transaction: Buffer.from(transaction).toString("base64url") },
  });
  const { meter, number, hash, state } = answer;
  if (state !== "final") throw new Fault("NOT_READY", `not final yet: gridledger query tx ${hash}`);
  printAnswer(options, answer, () => [
    `Correction ${number} of ${meter} is final in block ${answer.height}, transaction ${hash}.`,
  ]);
}
