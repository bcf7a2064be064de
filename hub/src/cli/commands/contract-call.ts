import { parseAddress } from "@gridledger/protocol/contracts/address";
import { encodeContractCall } from "@gridledger/protocol/contracts/call";
import { DEFAULT_GAS_POLICY } from "@gridledger/protocol/contracts/gas-policy";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { Command } from "commander";
import { type Abi, decodeFunctionResult, type Hex } from "viem";
import { callData, parseArguments, plain, readArtifact } from "../contracts/abi-file.ts";
import { failUnlessSuccess } from "../contracts/outcome.ts";
import { sendContractTransaction } from "../contracts/send-transaction.ts";
import { examples } from "../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

interface CallOptions extends HubOptions {
  readonly abi: string;
  readonly contract?: string;
  readonly key?: string;
  readonly gas: number;
}

export function contractCallCommand(): Command {
  return withHubOptions(new Command("call"))
    .description("Call a contract: with --key a transaction, without it only a look")
    .argument("<address>", "of the contract")
    .argument("<function>", "its name")
    .argument("[arguments...]", "numbers, text, JSON")
    .requiredOption("--abi <file>", "the .sol file, or what compile wrote")
    .option("--contract <name>", "which one, where the file holds several")
    .option("--key <file>", "sign with this key file and wait until it is final")
    .option("--gas <limit>", "gas limit", parseInteger, DEFAULT_GAS_POLICY.maxTransactionGas)
    .addHelpText(
      "after",
      examples(
        "gridledger contract call 0x5f… count --abi Counter.sol",
        "gridledger contract call 0x5f… add 2 --abi Counter.sol --key device.pem",
      ),
    )
    .action(run);
}

async function run(
  address: string,
  functionName: string,
  args: readonly string[],
  options: CallOptions,
): Promise<void> {
  const { abi } = readArtifact(options.abi, options.contract);
  const data = callData(abi, functionName, parseArguments(args));
  const hub = connectHub(options);
  const ended = await carryOut(hub, address, data, options);
  failUnlessSuccess(ended);
  const value = resultOf(abi, functionName, ended.output as Hex);
  printAnswer(options, plain({ value, ...ended }), () => [
    value === undefined ? "done" : JSON.stringify(plain(value)),
    ...("hash" in ended ? [`block ${ended.height}, gas ${ended.gasUsed}, ${ended.hash}`] : []),
  ]);
}

function carryOut(hub: Hub, address: string, data: Uint8Array, { key, gas }: CallOptions) {
  if (key === undefined) {
    const body = { data: `0x${Buffer.from(data).toString("hex")}`, gasLimit: gas };
    return hub.call("contractCall", { params: { address }, body });
  }
  const payload = encodeContractCall({ gasLimit: gas, to: parseAddress(address), data });
  return sendContractTransaction(hub, key, { kind: kind.contractCall, payload });
}

/** Undefined for a function that returns nothing. */
function resultOf(abi: Abi, functionName: string, data: Hex): unknown {
  return data === "0x" ? undefined : decodeFunctionResult({ abi, functionName, data });
}
