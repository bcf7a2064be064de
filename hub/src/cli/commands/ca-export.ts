import { join } from "node:path";
import { Command } from "commander";
import { makeDirectory, replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { printAnswer } from "../output.ts";

const READABLE = 0o644;

export function caExportCommand(): Command {
  return withHubOptions(new Command("export"))
    .description("Write root, issuing authorities and CRLs as PEM files, for other programs")
    .argument("<directory>", "where to")
    .addHelpText(
      "after",
      examples(
        "gridledger ca export trust",
        "openssl verify -CAfile trust/root.crt -untrusted trust/issuing-1.crt gateway-7.crt",
      ),
    )
    .action(run);
}

async function run(directory: string, options: HubOptions): Promise<void> {
  const hub = connectHub(options);
  const { root, issuing } = await hub.call("authorities");
  const files: Record<string, string> = { "root.crt": root.pem };
  files["root.crl"] = (await hub.call("crl", { query: { issuer: "root" } })).pem;
  for (const [index, { id, pem }] of issuing.entries()) {
    files[`issuing-${index + 1}.crt`] = pem;
    files[`issuing-${index + 1}.crl`] = (await hub.call("crl", { query: { issuer: id } })).pem;
  }
  makeDirectory(directory);
  for (const [name, pem] of Object.entries(files)) {
    replaceFile(join(directory, name), pem, READABLE);
  }
  const names = Object.keys(files);
  printAnswer(options, { directory, files: names }, () =>
    names.map((name) => join(directory, name)),
  );
}
