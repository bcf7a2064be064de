import { verifyChain } from "@gridledger/protocol/pki/chain";
import { parseCrl } from "@gridledger/protocol/pki/crl";
import { parsePem } from "@gridledger/protocol/pki/pem";
import type { CertificateUsage } from "@gridledger/protocol/pki/usage";
import { Command } from "commander";
import { readCertificate, readCertificates } from "../certificates/own-key.ts";
import { readBytes } from "../files.ts";
import { examples } from "../help.ts";
import { formatTime, type OutputOptions, printAnswer } from "../output.ts";

interface VerifyOptions extends OutputOptions {
  readonly root: string;
  readonly crl?: readonly string[];
  readonly usage: CertificateUsage;
}

export function certVerifyCommand(): Command {
  return new Command("verify")
    .description("Verify a certificate and its chain to a root, offline, with the CRLs at hand")
    .argument("<file>", "PEM: the certificate first, its issuers behind it")
    .requiredOption("--root <file>", "the root that is trusted, PEM")
    .option("--crl <files...>", "revocation lists, PEM; without any the answer says so")
    .option("--usage <usage>", "signing, encryption, tlsServer or tlsClient", "signing")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples("gridledger cert verify gateway-7.crt --root trust/root.crt --crl trust/*.crl"),
    )
    .action(run);
}

function run(file: string, options: VerifyOptions): void {
  const [certificate, ...intermediates] = readCertificates(file);
  const crls = (options.crl ?? []).map((path) =>
    parseCrl(parsePem("X509 CRL", readBytes(path).toString("latin1"))[0]!),
  );
  const { subject, role, serial, notAfterMs, revocation } = verifyChain({
    certificate: certificate!,
    ...{ intermediates, roots: [readCertificate(options.root)], crls, usage: options.usage },
    atMs: Date.now(),
    withoutCrl: crls.length === 0 ? "flag" : "refuse",
  });
  const answer = { valid: true, subject, role: role ?? null, serial, notAfterMs, revocation };
  printAnswer(options, answer, () => [
    `valid: ${subject}, until ${formatTime(notAfterMs)}`,
    revocation === "good" ? "not revoked" : "revocation unknown: no CRL was given",
  ]);
}
