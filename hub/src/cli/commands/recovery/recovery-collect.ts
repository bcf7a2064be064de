import { existsSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { printAnswer } from "../../output.ts";
import { collectKey } from "../../recovery/collect-key.ts";
import { readEncryptionKey, saveEncryptionKey } from "../../recovery/encryption-key-file.ts";
import { proveRequest } from "../../recovery/proven-request.ts";
import {
  placeLine,
  type SignatoryOptions,
  signatoryOf,
  signStep,
  withSignatoryOptions,
} from "../../recovery/signatory.ts";

interface CollectOptions extends SignatoryOptions {
  readonly newKey: string;
  readonly out: string;
  readonly own?: boolean;
}

export function recoveryCollectCommand(): Command {
  return withSignatoryOptions(new Command("collect"))
    .description(
      "Rebuild the key here from the released shares; a share that does not fit is named",
    )
    .argument("<request>", "its id")
    .requiredOption("--new-key <file>", "the one of the request")
    .requiredOption("--out <file>", "where the recovered key goes, readable by you only")
    .option("--own", "the key is your own")
    .addHelpText(
      "after",
      examples("gridledger recovery collect 5d… --key me.key --new-key new.key --out archive.key"),
    )
    .action(run);
}

async function run(id: string, options: CollectOptions): Promise<void> {
  const { out } = options;
  if (existsSync(out)) throw new Fault("FILE_UNREADABLE", `${out} exists: choose another path`);
  const signatory = await signatoryOf(options);
  const { hub, chain } = signatory;
  const owner = options.own ? { owner: signatory.id } : {};
  const detail = await hub.call("recoveryRequest", { params: { id }, query: owner });
  const { escrow, recipientKey } = proveRequest(chain, detail);
  if (detail.releases.length === 0) throw new Fault("RECOVERY_TOO_FEW", `it is ${detail.state}`);
  const opener = chain.suite.opener(readEncryptionKey(options.newKey));
  const { pkcs8, bad } = collectKey(chain.suite, escrow, opener, detail.releases);
  if (bad.length > 0) {
    await hub.call("reportShares", { params: { id }, body: { ...owner, places: [...bad] } });
  }
  if (pkcs8 === undefined) {
    const names = bad.map((place) => detail.custodians[place - 1]?.name ?? `custodian ${place}`);
    const data = { places: bad };
    throw new Fault("RECOVERY_SHARE", `the share of ${names.join(", ")}; they are told`, { data });
  }
  saveEncryptionKey(out, pkcs8);
  const { publicKey } = escrow;
  const record = { action: "completed", publicKey, recipientKey } as const;
  const transaction = await signStep(signatory, record, new Uint8Array(0));
  const body = { ...owner, transaction };
  const answer = await hub.call("completeRecovery", { params: { id }, body });
  printAnswer(options, { ...answer, file: out, bad }, () => [
    `"${detail.label}" is in ${out}`,
    ...bad.map((place) => `the share of custodian ${place} did not fit; it is told`),
    placeLine(answer),
  ]);
}
