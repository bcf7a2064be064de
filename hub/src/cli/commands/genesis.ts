import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex, parseHex } from "@gridledger/protocol/hex";
import { type Chain, decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { Command } from "commander";
import { readGenesis, replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";

interface GenesisOptions extends HubOptions {
  readonly output?: string;
}

export function genesisCommand(): Command {
  return withHubOptions(new Command("genesis"))
    .description("Show a genesis: of a file, or the hub's")
    .argument("[file]", "genesis.cbor; without it the hub is asked")
    .option("-o, --output <file>", "keep what the hub answered")
    .addHelpText(
      "after",
      examples("gridledger genesis .gridledger/genesis.cbor", "gridledger genesis -o genesis.cbor"),
    )
    .action(run);
}

async function run(file: string | undefined, options: GenesisOptions): Promise<void> {
  const chain = file === undefined ? await fetchGenesis(options) : readGenesis(file);
  if (options.output !== undefined) replaceFile(options.output, chain.encoded, 0o644);
  const { genesis } = chain;
  const identities = genesis.identities.map(({ name, role, publicKey }) => ({
    name,
    role,
    publicKey: Buffer.from(publicKey).toString("base64url"),
  }));
  const { channel, suite, engine, createdMs, policy } = genesis;
  const chainId = formatHex(chain.chainId);
  const value = { chainId, channel, suite, engine, createdMs, policy, identities };
  printAnswer(options, value, () => [
    ...formatTable([
      ["chain", chainId],
      ["channel", `${channel}, suite ${suite}, engine ${engine}`],
      ["created", formatTime(createdMs)],
    ]),
    "",
    ...formatTable([
      ["name", "role", "public key"],
      ...identities.map(({ name, role, publicKey }) => [name, role, publicKey]),
    ]),
    ...(file === undefined ? ["", "Compare the chain id with one you got another way."] : []),
  ]);
}

/** @throws Fault CHAIN_MISMATCH when the hub's genesis does not have the chain id it says */
async function fetchGenesis(options: GenesisOptions): Promise<Chain> {
  const answer = await connectHub(options).call("genesis");
  const chain = decodeGenesis(Buffer.from(answer.encoded, "base64url"));
  if (!equalBytes(chain.chainId, parseHex(answer.chainId))) {
    throw new Fault("CHAIN_MISMATCH", "the hub's genesis is not that of the chain id it says");
  }
  return chain;
}
