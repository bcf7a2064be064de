import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { isChunkOf } from "@gridledger/protocol/objects/chunks";
import { Command } from "commander";
import { replaceFile } from "../../files.ts";
import { examples } from "../../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { downloadObject } from "../../objects/download.ts";
import { type CheckableObject, fetchCheckable } from "../../objects/proven-object.ts";
import { formatTime, printAnswer } from "../../output.ts";
import { parseInteger } from "../../parse-integer.ts";

interface GetOptions extends HubOptions {
  readonly output: string;
  readonly genesis?: string;
  readonly chunk?: number;
}

export function objectGetCommand(): Command {
  return withHubOptions(new Command("get"))
    .description("Fetch an object, checked chunk by chunk; again goes on where the line broke")
    .argument("<object>", "its root, its transaction, or height.index")
    .requiredOption("-o, --output <file>", "where the bytes go")
    .option("--genesis <file>", "check against this genesis; without it the hub is asked")
    .option("--chunk <number>", "only this chunk, with its path", parseInteger)
    .addHelpText(
      "after",
      examples(
        "gridledger object get 12.0 -o tariff.csv --genesis genesis.cbor",
        "gridledger object get 12.0 --chunk 3 -o part.bin",
      ),
    )
    .action(run);
}

async function run(name: string, options: GetOptions): Promise<void> {
  const hub = connectHub(options);
  const object = await fetchCheckable(hub, name, options.genesis);
  const { manifest, proven } = object;
  const bytes = await (options.chunk === undefined
    ? downloadObject(hub, object, options.output)
    : getChunk(hub, object, options.chunk, options.output));
  const root = formatHex(manifest.root);
  const answer = { file: options.output, root, bytes, height: proven.height, verified: true };
  printAnswer(options, answer, () => [
    `${bytes} bytes written to ${options.output}.`,
    `Every chunk agrees with root ${root}, final in block ${proven.height}, ${formatTime(proven.blockTimeMs)}.`,
  ]);
}

async function getChunk(
  hub: Hub,
  { chain, manifest }: CheckableObject,
  index: number,
  output: string,
): Promise<number> {
  const params = { object: formatHex(manifest.root), index };
  const answer = await hub.call("objectChunk", { params });
  const chunk = {
    index,
    salt: Buffer.from(answer.salt, "hex"),
    bytes: Buffer.from(answer.bytes, "base64url"),
    path: answer.path.map((sibling) => Buffer.from(sibling, "hex")),
  };
  if (!isChunkOf(chain.suite.hash, manifest, chunk)) {
    throw new Fault("PROOF_INVALID", `chunk ${index} is not under the root on the chain`);
  }
  replaceFile(output, chunk.bytes, 0o644);
  return chunk.bytes.length;
}
