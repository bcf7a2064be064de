import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { VALIDITY_WINDOW_BLOCKS } from "@gridledger/protocol/ledger/transaction";
import { Command } from "commander";
import { readBytes, readGenesis } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTable, printAnswer } from "../output.ts";
import { parseMeter } from "../parse-argument.ts";
import { readSigningKey } from "../signing/signing-key.ts";
import { type FinalTransaction, findAlreadyFinal } from "../submit/already-final.ts";
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

const formats = `
CSV: times in ISO 8601 with offset or Unix milliseconds, decimals, an empty cell where there is none.
  time,1-0:1.8.0 kWh,1-0:32.7.0 V
  2026-11-21T10:00:00Z,12345.678,230.1
  2026-11-21T10:15:00Z,12345.701,

JSON: whole numbers, each worth value · 10^scaler units.
  {"meter": "E0012", "timesMs": [1795255200000, 1795256100000], "registers": [
    {"obis": "1-0:1.8.0", "unit": "kWh", "scaler": -3, "values": [12345678, 12345701]}]}
`;

export function submitCommand(): Command {
  return withHubOptions(new Command("submit"))
    .description("Submit readings of one meter, or a transaction that is already signed")
    .argument("<file>", "readings as .json or .csv, or the bytes of a signed transaction")
    .option("--key <file>", "the device's key file, to sign readings with")
    .option("--meter <name>", "the meter, where the file does not say", parseMeter)
    .option("--genesis <file>", "sign for this chain; without it the hub is asked")
    .option("--wait", "wait until it is final")
    .addHelpText(
      "after",
      formats +
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
  if (readings !== undefined) {
    requireKey(options);
    const finals = await findAlreadyFinal(hub, readings);
    if (finals !== undefined) return printAlreadyFinal(finals, options);
  }
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

function printAlreadyFinal(finals: readonly FinalTransaction[], options: SubmitOptions): void {
  const heights = [...new Set(finals.map(({ height }) => height))];
  const blocks = `${heights.length === 1 ? "block" : "blocks"} ${heights.join(", ")}`;
  printAnswer(options, { alreadyFinal: true, transactions: finals }, () => [
    `already final in ${blocks}`,
  ]);
}

/** @throws Fault USAGE_INVALID */
function requireKey({ key }: SubmitOptions): string {
  if (key !== undefined) return key;
  throw new Fault("USAGE_INVALID", "readings need the device's key file: --key <file>");
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
  const key = requireKey(options);
  const chain =
    options.genesis === undefined
      ? decodeGenesis(Buffer.from((await hub.call("genesis")).encoded, "base64url"))
      : readGenesis(options.genesis);
  const by = await readSigningKey(hub, chain, key);
  const { height } = await hub.call("status");
  // Half of the window: the hub may be behind, and the batch may wait.
  const validUntilHeight = height + VALIDITY_WINDOW_BLOCKS / 2;
  const last = await fetchMeterPosition(hub, chain, readings.meter);
  return signBatches({ chain, key: by, validUntilHeight }, last, readings);
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
