import { formatHex } from "@gridledger/protocol/hex";
import { escrowKey } from "@gridledger/protocol/recovery/escrow";
import { depositDigest } from "@gridledger/protocol/recovery/step-content";
import { Command, InvalidArgumentError } from "commander";
import { readCertificates } from "../../certificates/own-key.ts";
import { examples } from "../../help.ts";
import { printAnswer } from "../../output.ts";
import { parseInteger } from "../../parse-integer.ts";
import { chooseCustodians, keyMark } from "../../recovery/chosen-custodians.ts";
import { readEncryptionKey } from "../../recovery/encryption-key-file.ts";
import {
  placeLine,
  type SignatoryOptions,
  signatoryOf,
  signStep,
  withSignatoryOptions,
} from "../../recovery/signatory.ts";

interface DepositOptions extends SignatoryOptions {
  readonly custodian: readonly string[];
  readonly needed: number;
  readonly label: string;
  readonly root?: string;
}

export function recoveryDepositCommand(): Command {
  return withSignatoryOptions(new Command("deposit"))
    .description(
      "Split an encryption key of yours here, among custodians of different organisations; the hub gets what only they can open",
    )
    .argument("<file>", "the encryption key, PKCS#8; it stays where it is")
    .requiredOption(
      "--custodian <identity>",
      "who keeps a share, from `gridledger recovery custodians`; said once for each",
      collectIdentities,
    )
    .requiredOption("--needed <count>", "how many of them get it back", parseInteger)
    .requiredOption("--label <text>", "what people call the key")
    .option("--root <file>", "believe custodians' certificates below this root only, PEM")
    .addHelpText(
      "after",
      examples(
        "gridledger recovery deposit archive.key --key me.key --label 'archive 2026' --needed 2 --custodian 3f… --custodian 9a… --custodian c1…",
      ),
    )
    .action(run);
}

async function run(file: string, options: DepositOptions): Promise<void> {
  const signatory = await signatoryOf(options);
  const { hub, chain, id } = signatory;
  const { suite } = chain;
  const { items } = await hub.call("custodians");
  const roots = options.root === undefined ? undefined : readCertificates(options.root);
  const custodians = chooseCustodians(chain, items, options.custodian, roots);
  const key = { purpose: "encryption", pkcs8: readEncryptionKey(file) } as const;
  const plan = { threshold: options.needed, custodians, ownerId: Buffer.from(id, "hex") };
  const escrow = escrowKey(suite, key, plan);
  const { publicKey, commitments, box, sealedShares } = escrow;
  const { label } = options;
  const digest = depositDigest(suite.hash, label, escrow);
  const record = { action: "kept", publicKey, commitments, custodians } as const;
  const body = {
    ...{ transaction: await signStep(signatory, record, digest), label },
    box: Buffer.from(box).toString("base64url"),
    sealedShares: sealedShares.map((one) => Buffer.from(one).toString("base64url")),
  };
  const answer = await hub.call("keepKey", { body });
  printAnswer(options, answer, () => [
    `key ${formatHex(publicKey)} is kept: ${commitments.length} of ${custodians.length}`,
    ...custodians.map(
      ({ id: custodian, organisation, sealingKey }) =>
        `  ${formatHex(custodian)}  ${organisation}  sealed to ${keyMark(chain, sealingKey)}`,
    ),
    placeLine(answer),
  ]);
}

function collectIdentities(text: string, before: readonly string[] = []): string[] {
  if (/^[0-9a-f]{20}$/.test(text)) return [...before, text];
  throw new InvalidArgumentError("Not an identity: 20 hexadecimal digits.");
}
