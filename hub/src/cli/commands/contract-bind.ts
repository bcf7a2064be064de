import { readPrivate } from "@gridledger/edge-node/key-files";
import { bindingText, encodeAccountBinding } from "@gridledger/protocol/contracts/account-binding";
import { formatAddress, parseAddress } from "@gridledger/protocol/contracts/address";
import { Fault } from "@gridledger/protocol/faults";
import { parseHex } from "@gridledger/protocol/hex";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { Command } from "commander";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { sendTransaction } from "../contracts/send-transaction.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { printAnswer } from "../output.ts";
import { readSigningKey } from "../signing/signing-key.ts";

interface BindOptions extends HubOptions {
  readonly key: string;
  readonly signature?: string;
  readonly ethereumKey?: string;
  readonly release?: boolean;
}

export function contractBindCommand(): Command {
  return withHubOptions(new Command("bind"))
    .description("Make an Ethereum account an identity's own, so that its raw transactions count")
    .argument("<address>", "of the account")
    .requiredOption("--key <file>", "the identity's key file")
    .option(
      "--signature <hex>",
      "the account's personal_sign of the text; without it the text is shown",
    )
    .option(
      "--ethereum-key <file>",
      "or the account's private key, 64 hexadecimal digits, mode 0600",
    )
    .option("--release", "give the account up: nobody else can have it afterwards")
    .addHelpText(
      "after",
      examples(
        "gridledger contract bind 0x5f… --key app.pem",
        "gridledger contract bind 0x5f… --key app.pem --ethereum-key wallet.hex",
      ),
    )
    .action(run);
}

async function run(text: string, options: BindOptions): Promise<void> {
  const address = parseAddress(text);
  const hub = connectHub(options);
  const chain = decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"));
  const { id } = await readSigningKey(hub, chain, options.key);
  const toSign = bindingText(chain.chainId, id);
  const proof = options.release ? undefined : await proofOf(toSign, options);
  if (proof === null) {
    const steps = ["Sign this text with the account (personal_sign), then add --signature:", ""];
    printAnswer(options, { text: toSign }, () => [...steps, toSign]);
    return;
  }
  const payload = encodeAccountBinding({ address, proof });
  const hash = await sendTransaction(hub, options.key, { kind: kind.accountBinding, payload });
  const account = formatAddress(address);
  const done = options.release ? "is given up" : "is bound";
  printAnswer(options, { account, hash }, () => [`${account} ${done}, ${hash}`]);
}

/** Null where nothing to sign with was given. @throws Fault REQUEST_INVALID, FILE_UNREADABLE, KEY_INVALID */
async function proofOf(message: string, options: BindOptions): Promise<Uint8Array | null> {
  const { signature, ethereumKey } = options;
  if (signature !== undefined) return parseHex(signature.replace(/^0x/, ""));
  if (ethereumKey === undefined) return null;
  const key = Buffer.from(readPrivate(ethereumKey)).toString("latin1").trim().replace(/^0x/, "");
  if (!/^[0-9a-fA-F]{64}$/.test(key)) {
    throw new Fault("KEY_INVALID", `${ethereumKey} does not hold 64 hexadecimal digits`);
  }
  const account = privateKeyToAccount(`0x${key}`);
  const signed: Hex = await account.signMessage({ message });
  return parseHex(signed.slice(2));
}
