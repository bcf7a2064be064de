import { existsSync } from "node:fs";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { Certificate } from "@gridledger/protocol/pki/certificate";
import { certifiedIdentity } from "@gridledger/protocol/pki/certified-identity";
import { namePart } from "@gridledger/protocol/pki/names";
import { encodeRenewalRequest } from "@gridledger/protocol/pki/renewal-request";
import { createRequest } from "@gridledger/protocol/pki/request";
import { Command } from "commander";
import { chainOf, ownKey, readCertificate } from "../certificates/own-key.ts";
import { replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { formatTime, printAnswer } from "../output.ts";
import { readSigningKey, type SigningKey } from "../signing/signing-key.ts";

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
  const chain = await chainOf(hub, options.genesis);
  const certificate = readCertificate(file);
  const { serial, subject } = certificate;
  if (!existsSync(options.key)) throw new Fault("FILE_UNREADABLE", `${options.key} is not there`);
  const by = await readSigningKey(hub, chain, options.key);
  const named =
    options.newKey === undefined ? undefined : await ownKey(chain.suite, options.newKey);
  // An encryption certificate keeps its key unless a new one is named.
  if (named === undefined && !isOf(chain, certificate, by)) {
    throw new Fault("KEY_INVALID", `${file} is of another key: name the new one with --new-key`);
  }
  const suite = named === undefined ? by.suite : chain.suite;
  const request = createRequest(suite, named ?? by.signer, {
    subject: {
      organisation: namePart(subject, "O") ?? "",
      commonName: namePart(subject, "CN") ?? "",
    },
  });
  const wish = { serial, request };
  const signed = encodeRenewalRequest(by.suite, by.signer, chain.chainId, wish, by.id);
  const body = { renewal: Buffer.from(signed).toString("base64url") };
  const answer = await hub.call("renewCertificate", { params: { serial }, body });
  const out = options.out ?? file;
  replaceFile(out, [answer.pem, ...answer.chain].join(""), READABLE);
  printAnswer(options, { file: out, ...answer }, () => [
    `${answer.name}: certificate ${answer.serial} until ${formatTime(answer.notAfterMs)} in ${out}`,
  ]);
}

/** Of the key itself, or of one that the same identity had before. */
function isOf({ suite }: Chain, certificate: Certificate, { id, signer }: SigningKey): boolean {
  if (equalBytes(certificate.key.publicKey, signer.publicKey)) return true;
  return certifiedIdentity(suite.hash, certificate) === formatHex(id);
}
