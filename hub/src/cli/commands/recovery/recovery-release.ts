import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { releaseShare } from "@gridledger/protocol/recovery/escrow";
import { releaseDigest } from "@gridledger/protocol/recovery/step-content";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { printAnswer } from "../../output.ts";
import { readEncryptionKey } from "../../recovery/encryption-key-file.ts";
import { proveRequest } from "../../recovery/proven-request.ts";
import {
  placeLine,
  type SignatoryOptions,
  signatoryOf,
  signStep,
  withSignatoryOptions,
} from "../../recovery/signatory.ts";

interface ReleaseOptions extends SignatoryOptions {
  readonly encryptionKey: string;
}

export function recoveryReleaseCommand(): Command {
  return withSignatoryOptions(new Command("release"))
    .description(
      "Approve a request as a custodian: open your share here and seal it to the requester's new key",
    )
    .argument("<request>", "its id, from `gridledger recovery list`")
    .requiredOption("--encryption-key <file>", "of your encryption certificate, PKCS#8")
    .addHelpText(
      "after",
      examples("gridledger recovery release 5d… --key me.key --encryption-key me-encryption.key"),
    )
    .action(run);
}

async function run(id: string, options: ReleaseOptions): Promise<void> {
  const signatory = await signatoryOf(options);
  const { hub, chain } = signatory;
  const { suite } = chain;
  const detail = await hub.call("recoveryRequest", { params: { id } });
  const { escrow, custodians, requester, recipientKey } = proveRequest(chain, detail);
  const place = custodians.findIndex((one) => formatHex(one.id) === signatory.id) + 1;
  if (place === 0) throw new Fault("RECOVERY_RIGHT", "you keep no share of this key");
  const opener = suite.opener(readEncryptionKey(options.encryptionKey));
  const { sealed } = releaseShare(suite, escrow, { place, opener }, recipientKey);
  const { publicKey } = escrow;
  const record = { action: "approved", publicKey, recipientKey } as const;
  const transaction = await signStep(signatory, record, releaseDigest(suite.hash, sealed));
  const body = { transaction, sealed: Buffer.from(sealed).toString("base64url") };
  const answer = await hub.call("releaseShare", { params: { id }, body });
  printAnswer(options, answer, () => [
    `your share of "${detail.label}" is released to ${detail.requester.name ?? requester}`,
    `  because: ${detail.reason} (${detail.legalBasis})`,
    placeLine(answer),
  ]);
}
