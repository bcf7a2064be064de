import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import { Command } from "commander";
import { readBytes, readGenesis } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { readKeyFile } from "../key-file.ts";
import { formatTable, printAnswer } from "../output.ts";
import { fetchMeterPosition } from "../submit/meter-position.ts";
import {
  type MeterReadings,
  parseReadingsCsv,
  parseReadingsJson,
} from "../submit/readings-file.ts";
import { signBatches } from "../submit/sign-batches.ts";

const WAIT_MS = 30_000;

interface SubmitOptions extends HubOptions {
  readonly key?: string;
  readonly meter?: string;
  readonly genesis?: string;
  readonly wait?: boolean;
}

type Submitted = RouteAnswer<"submitTransaction">;

export function submitCommand(): Command {
  return withHubOptions(new Command("submit"))
    .description("Submit readings of one meter, or a transaction that is already signed")
    .argument("<file>", "readings as .json or .csv, or the bytes of a signed transaction")
    .option("--key <file>", "the device's key file, to sign readings with")
    .option("--meter <name>", "the meter, where the file does not say")
    .option("--genesis <file>", "sign for this chain; without it the hub is asked")
    .option("--wait", "wait until it is final")
    .addHelpText(
      "after",
      examples(
        "gridledger submit readings.csv --meter E0012 --key device.key --wait",
        "gridledger submit readings.json --key device.key",
        "gridledger submit signed.cbor",
      ),
    )
    .action(run);
}

async function run(file: string, options: SubmitOptions): Promise<void> {
  const hub = connectHub(options);
  const bytes = readBytes(file);
  const readings = parseReadings(file, bytes, options.meter);
  const transactions =
    readings === undefined ? [bytes] : await signReadings(hub, readings, options);
  const submitted: Submitted[] = [];
  for (const transaction of transactions) {
    submitted.push(await submit(hub, transaction, options.wait === true));
  }
  printAnswer(options, { transactions: submitted }, () =>
    formatTable([
      ["transaction", "state", "block"],
      ...submitted.map(({ hash, state, height }) => [hash, state, String(height ?? "–")]),
    ]),
  );
}

/** Undefined where the file holds a signed transaction. */
function parseReadings(
  file: string,
  bytes: Buffer,
  meter: string | undefined,
): MeterReadings | undefined {
  if (/\.json$/i.test(file)) return parseReadingsJson(bytes.toString("utf8"), meter);
  if (/\.csv$/i.test(file)) return parseReadingsCsv(bytes.toString("utf8"), meter);
  return undefined;
}

async function signReadings(
  hub: Hub,
  readings: MeterReadings,
  options: SubmitOptions,
): Promise<Uint8Array[]> {
  if (options.key === undefined) {
    throw new Fault("REQUEST_INVALID", "readings need the device's key file: --key <file>");
  }
  const chain =
    options.genesis === undefined
      ? decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"))
      : readGenesis(options.genesis);
  const signer = readKeyFile(chain.suite, options.key);
  const { height } = await hub.call("status");
  // Half of the window: the hub may be behind, and the batch may wait.
  const validUntilHeight = height + VALIDITY_WINDOW_BLOCKS / 2;
  const last = await fetchMeterPosition(hub, chain, readings.meter);
  return signBatches({ chain, signer, validUntilHeight }, last, readings);
}

async function submit(hub: Hub, transaction: Uint8Array, wait: boolean): Promise<Submitted> {
  const answer = await hub.call("submitTransaction", {
    query: wait ? { waitMs: WAIT_MS } : {},
    body: { transaction: Buffer.from(transaction).toString("base64url") },
  });
  if (wait && answer.state !== "final") {
    throw new Fault(
      "NOT_READY",
      `not final after ${WAIT_MS / 1_000} s; the hub keeps it and sends it on: gridledger query tx ${answer.hash}`,
    );
  }
  return answer;
}
