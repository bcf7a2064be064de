import { encodeSign1 } from "@gridledger/protocol/cose/sign1";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { agreedBytes } from "@gridledger/protocol/metering/correction";
import { Command } from "commander";
import { readCorrectionFile, writeCorrectionFile } from "../../corrections/correction-file.ts";
import { correctionLines, correctionView } from "../../corrections/correction-lines.ts";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { readKeyFile } from "../../key-file.ts";
import { printAnswer } from "../../output.ts";

interface AgreeOptions extends HubOptions {
  readonly key: string;
  readonly identity?: string;
}

export function correctionAgreeCommand(): Command {
  return withHubOptions(new Command("agree"))
    .description("Agree to a correction that an operator is to send: four eyes")
    .argument("<file>", "as `correction make` wrote it")
    .requiredOption("--key <file>", "key file of another operator, an organisation or the device")
    .option("--identity <id>", "whose key it is, where it is not that identity's first one")
    .addHelpText("after", examples("gridledger correction agree correction.json --key second.pem"))
    .action(run);
}

async function run(path: string, options: AgreeOptions): Promise<void> {
  const hub = connectHub(options);
  const chain = decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"));
  const { content, encodedContent } = readCorrectionFile(chain, path);
  const { suite, chainId } = chain;
  const signer = await readKeyFile(suite, options.key);
  const id =
    options.identity === undefined
      ? identityId(suite.hash, signer.publicKey)
      : Buffer.from(options.identity, "hex");
  const agreed = agreedBytes(suite.hash(encodedContent));
  const agreement = encodeSign1(suite, signer, id, chainId, agreed);
  writeCorrectionFile(chain, path, { encodedContent, agreement });
  const answer = { file: path, agreedBy: formatHex(id), ...correctionView(content) };
  printAnswer(options, answer, () => [
    `${formatHex(id)} agrees to:`,
    ...correctionLines(content).slice(0, -1),
  ]);
}
