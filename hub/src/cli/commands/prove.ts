import type { EvidenceBundle } from "@gridledger/protocol/api/bundle-contract";
import type { Proof } from "@gridledger/protocol/api/proof-contract";
import { Fault } from "@gridledger/protocol/faults";
import { Command } from "commander";
import { replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { printAnswer } from "../output.ts";
import { parseHash, parseMeter, parseTime } from "../parse-argument.ts";

interface ProveOptions extends HubOptions {
  readonly tx?: string;
  readonly output: string;
  readonly bundle?: boolean;
}

export function proveCommand(): Command {
  return withHubOptions(new Command("prove"))
    .description("Fetch the proof of a reading or a transaction, for `verify`")
    .argument("[meter]", "the meter's name", parseMeter)
    .argument("[time]", "the reading's time: ISO 8601 with offset, or Unix milliseconds", parseTime)
    .option("--tx <hash>", "prove this transaction instead of a reading", parseHash)
    .option("--bundle", "with the genesis, the signer and its certificates: evidence in one file")
    .option("-o, --output <file>", "where the proof goes", "proof.json")
    .addHelpText(
      "after",
      examples(
        "gridledger prove E0012 2026-11-21T10:15:00Z -o proof.json",
        "gridledger prove --tx 9f86d081… -o proof.json",
      ),
    )
    .action(run);
}

async function run(
  meter: string | undefined,
  time: number | undefined,
  options: ProveOptions,
): Promise<void> {
  const hub = connectHub(options);
  const fetch = options.bundle === true ? fetchBundle : fetchProof;
  const proof = await fetch(hub, meter, time, options.tx);
  replaceFile(options.output, `${JSON.stringify(proof, null, 2)}\n`, 0o644);
  printAnswer(options, { file: options.output, chainId: proof.chainId }, () => [
    `Proof written to ${options.output}.`,
    `Check it offline: gridledger verify ${options.output} --genesis genesis.cbor`,
  ]);
}

function fetchProof(
  hub: Hub,
  meter: string | undefined,
  time: number | undefined,
  tx: string | undefined,
): Promise<Proof> {
  if (tx !== undefined) return hub.call("transactionProof", { params: { hash: tx } });
  if (meter === undefined || time === undefined) {
    throw new Fault("USAGE_INVALID", "say which: <meter> <time>, or --tx <hash>");
  }
  return hub.call("readingProof", { params: { meter, timeMs: time } });
}

async function fetchBundle(
  hub: Hub,
  meter: string | undefined,
  time: number | undefined,
  tx: string | undefined,
): Promise<EvidenceBundle> {
  if (tx !== undefined) return hub.call("transactionBundle", { params: { hash: tx } });
  if (meter === undefined || time === undefined) {
    throw new Fault("USAGE_INVALID", "say which: <meter> <time>, or --tx <hash>");
  }
  const query = { from: time, to: time, limit: 1 };
  const [reading] = (await hub.call("readings", { params: { meter }, query })).items;
  if (reading === undefined) throw new Fault("NOT_FOUND", `${meter} has no reading then`);
  return hub.call("transactionBundle", {
    ...{ params: { hash: reading.txHash }, query: { meter, timeMs: time } },
  });
}
