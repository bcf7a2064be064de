import { existsSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { namePart } from "@gridledger/protocol/pki/names";
import { encodeRenewalRequest } from "@gridledger/protocol/pki/renewal-request";
import { createRequest } from "@gridledger/protocol/pki/request";
import { Command } from "commander";
import { chainOf, ownKey, readCertificate } from "../certificates/own-key.ts";
import { replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { readKeyFile } from "../key-file.ts";
import { formatTime, printAnswer } from "../output.ts";

const READABLE = 0o644;

interface RenewOptions extends HubOptions {
  readonly key: string;
  readonly newKey?: string;
  readonly out?: string;
  readonly genesis?: string;
}

export function certRenewCommand(): Command {
  return withHubOptions(new Command("renew"))
    .description("Get the next certificate with the key of this one, also when it has expired")
    .argument("<certificate>", "the present one, PEM")
    .requiredOption("--key <file>", "the subject's signing key")
    .option("--new-key <file>", "certify this key from now on; made where there is no such file")
    .option("--out <file>", "where the new one goes; default: in the place of the present one")
    .option("--genesis <file>", "the chain's genesis; without it the hub is asked")
    .addHelpText("after", examples("gridledger cert renew gateway-7.crt --key gateway-7.key"))
    .action(run);
}

async function run(file: string, options: RenewOptions): Promise<void> {
  const hub = connectHub(options);
  const { suite, chainId } = await chainOf(hub, options.genesis);
  const { serial, subject, key } = readCertificate(file);
  if (!existsSync(options.key)) throw new Fault("FILE_UNREADABLE", `${options.key} is not there`);
  const signer = await readKeyFile(suite, options.key);
  const next = options.newKey === undefined ? signer : await ownKey(suite, options.newKey);
  // An encryption certificate keeps its key unless a new one is named.
  if (options.newKey === undefined && !equalBytes(key.publicKey, signer.publicKey)) {
    throw new Fault("KEY_INVALID", `${file} is of another key: name the new one with --new-key`);
  }
  const request = createRequest(suite, next, {
    subject: {
      organisation: namePart(subject, "O") ?? "",
      commonName: namePart(subject, "CN") ?? "",
    },
  });
  const signed = encodeRenewalRequest(suite, signer, chainId, { serial, request });
  const body = { renewal: Buffer.from(signed).toString("base64url") };
  const answer = await hub.call("renewCertificate", { params: { serial }, body });
  const out = options.out ?? file;
  replaceFile(out, [answer.pem, ...answer.chain].join(""), READABLE);
  printAnswer(options, { file: out, ...answer }, () => [
    `${answer.name}: certificate ${answer.serial} until ${formatTime(answer.notAfterMs)} in ${out}`,
  ]);
}
