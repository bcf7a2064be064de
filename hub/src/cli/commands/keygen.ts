import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { formatHex } from "@gridledger/protocol/hex";
import { Command } from "commander";
import { examples } from "../help.ts";
import { createKeyFile } from "../key-file.ts";
import { formatTable, printAnswer } from "../output.ts";

interface KeygenOptions {
  readonly suite: string;
  readonly json?: boolean;
}

export function keygenCommand(): Command {
  return new Command("keygen")
    .description("Make a key; prints its public half for enrolment")
    .argument("<file>", "where the private key goes; never overwritten")
    .option("--suite <name>", "crypto suite", "international")
    .option("--json", "print JSON")
    .addHelpText("after", examples("gridledger keygen meter-7.key"))
    .action(run);
}

function run(file: string, options: KeygenOptions): void {
  const suite = suiteByName(options.suite);
  const { publicKey } = createKeyFile(suite, file);
  const answer = {
    file,
    suite: suite.name,
    id: formatHex(identityId(suite.hash, publicKey)),
    publicKey: Buffer.from(publicKey).toString("base64url"),
  };
  printAnswer(options, answer, () => formatTable(Object.entries(answer)));
}
