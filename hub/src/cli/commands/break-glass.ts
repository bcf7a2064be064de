import { join } from "node:path";
import { Fault } from "@gridledger/protocol/faults";
import {
  type BreakGlass,
  decodeBreakGlass,
  encodeBreakGlass,
  encodeOrder,
  organisationsOf,
  signaturesNeeded,
  signersOf,
  signOrder,
  verifyBreakGlass,
} from "@gridledger/protocol/governance/break-glass";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import { faultTolerance, inKeyOrder, quorum } from "@gridledger/protocol/ledger/validators";
import { Command } from "commander";
import { readBytes, readGenesis, replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { readKeyFile } from "../key-file.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";

const FILE = "break-glass.cbor";

interface FileOptions {
  readonly genesis: string;
  readonly json?: boolean;
}

interface DraftOptions extends HubOptions, FileOptions {
  readonly validators: readonly string[];
  readonly reason: string;
  readonly output: string;
}

export function breakGlassCommand(): Command {
  return new Command("break-glass")
    .description("Give a chain that has lost its quorum for good to another validator set")
    .addCommand(draftCommand())
    .addCommand(signCommand())
    .addCommand(applyCommand())
    .addCommand(showCommand());
}

function draftCommand(): Command {
  const example =
    'gridledger break-glass draft --validators v1 v2 node-5 --reason "site lost" --genesis g.cbor';
  return withHubOptions(new Command("draft"))
    .description("Draft the order for the last block that the hub has; nobody has signed it yet")
    .requiredOption("--validators <name...>", "names or ids of the validators and candidates")
    .requiredOption("--reason <text>", "why; it stays on the chain")
    .requiredOption("--genesis <file>", "the channel's genesis")
    .option("-o, --output <file>", "where the order goes", FILE)
    .addHelpText("after", examples(example))
    .action(draft);
}

function signCommand(): Command {
  return withFile(new Command("sign"))
    .description("Sign an order as an organisation of the genesis")
    .requiredOption("--key <file>", "the organisation's key file; it never leaves this machine")
    .addHelpText("after", examples("gridledger break-glass sign --key org-1.key --genesis g.cbor"))
    .action(async (file: string, options: FileOptions & { readonly key: string }) => {
      const chain = readGenesis(options.genesis);
      const document = decodeBreakGlass(readBytes(file));
      const signer = await readKeyFile(chain.suite, options.key);
      const isOrganisation = organisationsOf(chain).some(({ publicKey }) =>
        equalBytes(publicKey, signer.publicKey),
      );
      if (!isOrganisation) throw new Fault("SENDER_ROLE", "the key is no organisation's");
      const others = document.signatures.filter(
        ({ publicKey }) => !equalBytes(publicKey, signer.publicKey),
      );
      const signatures = [...others, signOrder(signer, document.encodedOrder)];
      replaceFile(file, encodeBreakGlass(document.encodedOrder, signatures), 0o644);
      show(chain, file, options);
    });
}

function applyCommand(): Command {
  return withFile(new Command("apply"))
    .description("Put a signed order into a node's home; it counts when the node starts again")
    .requiredOption("--node <home...>", "folder of a node's store, once for each node")
    .addHelpText("after", examples("gridledger break-glass apply --node data/v1 --genesis g.cbor"))
    .action((file: string, options: FileOptions & { readonly node: readonly string[] }) => {
      const chain = readGenesis(options.genesis);
      const encoded = readBytes(file);
      verifyBreakGlass(chain, decodeBreakGlass(encoded));
      for (const home of options.node) replaceFile(join(home, FILE), encoded);
      printAnswer(options, { nodes: options.node }, () => [
        `The order is in ${options.node.length} home(s). Start these nodes again.`,
      ]);
    });
}

function showCommand(): Command {
  return withFile(new Command("show"))
    .description("What an order says and who has signed it")
    .addHelpText("after", examples("gridledger break-glass show --genesis genesis.cbor"))
    .action((file: string, options: FileOptions) =>
      show(readGenesis(options.genesis), file, options),
    );
}

function withFile(command: Command): Command {
  return command
    .argument("[file]", "the order", FILE)
    .requiredOption("--genesis <file>", "the channel's genesis")
    .option("--json", "print JSON");
}

async function draft(options: DraftOptions): Promise<void> {
  const chain = readGenesis(options.genesis);
  const hub = connectHub(options);
  const { validators, candidates } = await hub.call("proposals");
  const { items } = await hub.call("blocks", { query: { limit: 1 } });
  const [head] = items;
  if (head === undefined) throw new Fault("NOT_FOUND", "the chain has no block yet");
  const nodes = [...validators, ...candidates];
  const chosen = options.validators.map((who) => {
    const node = nodes.find(({ id, name }) => id === who || name === who);
    if (node === undefined) throw new Fault("NOT_FOUND", `no validator or candidate is ${who}`);
    return { publicKey: Buffer.from(node.publicKey, "base64url"), name: node.name };
  });
  const order = encodeOrder({
    ...{ chainId: chain.chainId, height: head.height, headHash: Buffer.from(head.hash, "hex") },
    ...{ validators: inKeyOrder(chosen), reason: options.reason, timeMs: Date.now() },
  });
  const encoded = encodeBreakGlass(order, []);
  decodeBreakGlass(encoded); // Refuses here what every node would refuse.
  replaceFile(options.output, encoded, 0o644);
  show(chain, options.output, options);
}

function show(chain: Chain, file: string, options: FileOptions): void {
  const document = decodeBreakGlass(readBytes(file));
  const signers = signersOf(chain, document);
  const needed = signaturesNeeded(chain);
  const { order } = document;
  const names = order.validators.map(({ name }) => name);
  const n = names.length;
  const value = {
    ...{ height: order.height, headHash: formatHex(order.headHash), reason: order.reason },
    ...{ timeMs: order.timeMs, validators: names, quorum: quorum(n), signers, needed },
  };
  printAnswer(options, value, () => [
    ...linesOf(document, names),
    ...signatureLines(chain, signers),
  ]);
}

function linesOf({ order }: BreakGlass, names: readonly string[]): string[] {
  const n = names.length;
  return formatTable([
    ["after block", `${order.height} ${formatHex(order.headHash)}`],
    ["validators", `${names.join(", ")} (quorum ${quorum(n)}, f ${faultTolerance(n)})`],
    ["reason", order.reason],
    ["date", formatTime(order.timeMs)],
  ]);
}

function signatureLines(chain: Chain, signers: readonly string[]): string[] {
  const count = `${signers.length} of ${organisationsOf(chain).length}`;
  return [
    `Signed by ${count} organisations, ${signaturesNeeded(chain)} are needed: ${signers.join(", ")}`,
    "The old validators must be off, or have applied it, before the new ones start (docs/adr/012).",
  ];
}
