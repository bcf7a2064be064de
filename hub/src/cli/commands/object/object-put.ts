import { basename, join } from "node:path";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Encoding } from "@gridledger/protocol/objects/conversions/encodings";
import {
  type Classification,
  type Conversion,
  chunkCount,
  MAX_CHUNK_BYTES,
  MIN_CHUNK_BYTES,
} from "@gridledger/protocol/objects/manifest";
import { Command, Option } from "commander";
import { readBytes, readGenesis, replaceFile } from "../../files.ts";
import { examples } from "../../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { checkReceipt } from "../../objects/check-receipt.ts";
import type { Declared } from "../../objects/cut-object.ts";
import { encodingOption } from "../../objects/encoding-option.ts";
import { keepReceipt } from "../../objects/keep-receipt.ts";
import { type ObjectSource, openSource } from "../../objects/object-source.ts";
import { chainOf } from "../../objects/proven-object.ts";
import { type Put, putObject } from "../../objects/put-object.ts";
import { spoolObject } from "../../objects/spool/spool-object.ts";
import { spoolFiles } from "../../objects/spool/spooled-object.ts";
import { formatTime, printAnswer } from "../../output.ts";
import { parseInteger } from "../../parse-integer.ts";
import { readSigningKey } from "../../signing/signing-key.ts";

const WAIT_MS = 30_000;
const DEFAULT_CHUNK_BYTES = 262_144;

/** What files of these endings are, unless something else is said. */
const mediaTypes: Readonly<Record<string, string>> = {
  csv: "text/csv",
  json: "application/json",
  txt: "text/plain",
  pdf: "application/pdf",
  xml: "application/xml",
};

interface PutOptions extends HubOptions {
  readonly key: string;
  readonly as: Conversion;
  readonly encoding?: Encoding;
  readonly name?: string;
  readonly type?: string;
  readonly class: Classification;
  readonly salt: boolean;
  readonly retentionDays: number;
  readonly chunkBytes: number;
  readonly genesis?: string;
  readonly receipt?: string;
  readonly wait?: boolean;
  readonly spool?: string;
  readonly offline?: boolean;
}

export function objectPutCommand(): Command {
  return withHubOptions(new Command("put"))
    .description("Put a file; the same command again goes on where the line broke")
    .argument("<file>", "what is put")
    .requiredOption("--key <file>", "sign with this key file")
    .addOption(
      new Option("--as <rule>", "the conversion: one content, one form")
        .choices(["bytes", "json", "csv", "rows"])
        .default("bytes"),
    )
    .addOption(encodingOption())
    .option("--name <name>", "its name; else the file's")
    .option("--type <media type>", "such as text/csv; else by the file's ending")
    .addOption(
      new Option("--class <class>", "who may fetch it")
        .choices(["public", "internal", "confidential"])
        .default("internal"),
    )
    .option("--no-salt", "leave chunks unsalted: who guesses them can confirm the guess")
    .option("--retention-days <days>", "how long to keep it; 0 without an end", parseInteger, 0)
    .option("--chunk-bytes <bytes>", "of a chunk", parseInteger, DEFAULT_CHUNK_BYTES)
    .option("--genesis <file>", "sign for this chain; without it the hub is asked")
    .option("--receipt <file>", "keep the receipt, with --wait also the proof that it is final")
    .option("--wait", "wait until it is final")
    .option(
      "--spool <folder>",
      "where no hub answers, keep it here for `object send`; with --genesis",
    )
    .option("--offline", "ask no hub: straight into the spool")
    .addHelpText(
      "after",
      examples(
        "gridledger object put tariff.csv --as csv --key operator.pem --wait",
        "gridledger object put meters.csv --as csv --encoding gb18030 --key operator.pem",
        "gridledger object put tariff.csv --key gateway.page --genesis genesis.cbor --spool /var/spool/gridledger",
        "gridledger object put scan.pdf --class confidential --key operator.pem --receipt scan.receipt.json",
      ),
    )
    .action(run);
}

async function run(file: string, options: PutOptions): Promise<void> {
  const { as: conversion, chunkBytes } = options;
  if (chunkBytes < MIN_CHUNK_BYTES || chunkBytes > MAX_CHUNK_BYTES) {
    throw new Fault("USAGE_INVALID", `--chunk-bytes is ${MIN_CHUNK_BYTES} to ${MAX_CHUNK_BYTES}`);
  }
  checkSpoolOptions(options);
  const source = openSource(file, conversion, options.encoding);
  const declared = {
    ...{ conversion, chunkBytes, classification: options.class },
    name: options.name ?? basename(file),
    mediaType: options.type ?? mediaTypeOf(file),
    saltPolicy: options.salt ? ("per-chunk" as const) : ("none" as const),
    retentionDays: options.retentionDays,
  };
  const hub = options.offline === true ? undefined : connectHub(options);
  if (hub !== undefined && (options.spool === undefined || (await isThere(hub)))) {
    return putNow(hub, file, source, declared, options);
  }
  return putLater(options.spool!, file, source, declared, options);
}

async function putNow(
  hub: Hub,
  file: string,
  source: ObjectSource,
  declared: Declared,
  options: PutOptions,
): Promise<void> {
  const chain = await chainOf(hub, options.genesis);
  const key = await readSigningKey(hub, chain, options.key);
  const waitMs = options.wait === true ? WAIT_MS : 0;
  const put = await putObject({ hub, chain, key }, file, source, declared, waitMs);
  const { receivedMs, keyProof } = await checkReceipt(hub, chain, put.receipt, put.root);
  if (options.receipt !== undefined) await keepReceipt(hub, options.receipt, put, keyProof);
  printAnswer(options, put, () => describe(put, receivedMs));
}

/** Guide §4.4.1 b): a signed receipt at once, also without a connection. */
async function putLater(
  spool: string,
  file: string,
  source: ObjectSource,
  declared: Declared,
  options: PutOptions,
): Promise<void> {
  const chain = readGenesis(options.genesis!);
  const key = await readSigningKey(undefined, chain, options.key);
  const spooled = await spoolObject({ chain, key }, spool, file, source, declared);
  const { folder, manifest, spooledMs } = spooled;
  const receipt = readBytes(join(folder, spoolFiles.spoolReceipt));
  if (options.receipt !== undefined) replaceFile(options.receipt, receipt, 0o644);
  const root = formatHex(manifest.root);
  const { channel } = chain.genesis;
  const answer = {
    ...JSON.parse(receipt.toString()),
    state: "waiting",
    channel,
    spooledMs,
    folder,
  };
  printAnswer(options, answer, () => [
    `root     ${root}`,
    `address  ${channel}, ${chunkCount(manifest)} chunks; its height follows when it is final`,
    `durably spooled in ${folder} since ${formatTime(spooledMs)}, signed with your key; not on the chain yet:`,
    `gridledger object send --spool ${spool} --key ${options.key}`,
  ]);
}

/** @throws Fault USAGE_INVALID */
function checkSpoolOptions({ spool, offline, genesis }: PutOptions): void {
  if (offline === true && spool === undefined) {
    throw new Fault("USAGE_INVALID", "--offline needs --spool <folder>");
  }
  if (spool !== undefined && genesis === undefined) {
    throw new Fault(
      "USAGE_INVALID",
      "--spool needs --genesis <file>: no hub says which chain it is",
    );
  }
}

async function isThere(hub: Hub): Promise<boolean> {
  try {
    await hub.call("status");
    return true;
  } catch (thrown) {
    if (asFault(thrown).code === "HUB_UNREACHABLE") return false;
    throw thrown;
  }
}

function mediaTypeOf(file: string): string {
  const ending = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? "";
  return mediaTypes[ending] ?? "application/octet-stream";
}

function describe({ root, state, address }: Put, receivedMs: number): string[] {
  const lines = [`root     ${root}`];
  if (address !== null) {
    const { channel, height, txIndex, chunks } = address;
    lines.push(`address  ${channel} ${height}.${txIndex}, ${chunks} chunks`);
  }
  lines.push(
    state === "final"
      ? "final"
      : `on the hub's disk since ${formatTime(receivedMs)}, signed by it; not final yet: gridledger object show ${root}`,
  );
  return lines;
}
