import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { formatHex } from "@gridledger/protocol/hex";
import { certificateFingerprint } from "@gridledger/protocol/pki/certificate";
import { certifiedIdentity } from "@gridledger/protocol/pki/certified-identity";
import { formatName } from "@gridledger/protocol/pki/names";
import { Command } from "commander";
import { readCertificates } from "../certificates/own-key.ts";
import { examples } from "../help.ts";
import { formatTable, formatTime, type OutputOptions, printAnswer } from "../output.ts";

export function certShowCommand(): Command {
  return new Command("show")
    .description("Show what the certificates of a file say; nothing is verified")
    .argument("<file>", "PEM")
    .option("--json", "print JSON")
    .addHelpText("after", examples("gridledger cert show gateway-7.crt"))
    .action(run);
}

function run(file: string, options: OutputOptions): void {
  const shown = readCertificates(file).map((certificate) => {
    const { subject, issuer, serial, notBeforeMs, notAfterMs, key, subjectRole } = certificate;
    const { hash, name: suite } = key.algorithm.suite;
    return {
      ...{ subject: formatName(subject), issuer: formatName(issuer), serial, suite },
      ...{ notBeforeMs, notAfterMs, isAuthority: certificate.isAuthority },
      role: subjectRole?.role ?? null,
      attributes: Object.fromEntries(subjectRole?.attributes ?? []),
      identity: certifiedIdentity(hash, certificate) ?? formatHex(identityId(hash, key.publicKey)),
      fingerprint: formatHex(certificateFingerprint(certificate)),
    };
  });
  printAnswer(options, shown, () =>
    shown.flatMap((one) => [
      ...formatTable([
        ["subject", one.subject],
        ["issuer", one.issuer],
        ["serial", one.serial],
        ["valid", `${formatTime(one.notBeforeMs)} to ${formatTime(one.notAfterMs)}`],
        ["role", one.isAuthority ? "certificate authority" : (one.role ?? "none")],
        ["identity", one.identity],
        ["fingerprint", one.fingerprint],
      ]),
      "",
    ]),
  );
}
