import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import type { Signer, Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { parseCertificate } from "@gridledger/protocol/pki/certificate";
import { namePart } from "@gridledger/protocol/pki/names";
import { formatPem, parsePem } from "@gridledger/protocol/pki/pem";
import { createRequest } from "@gridledger/protocol/pki/request";
import { Command } from "commander";
import { chainOf, ownKey } from "../certificates/own-key.ts";
import { replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { createKeyFile } from "../key-file.ts";
import { printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";
import { readSigningKey } from "../signing/signing-key.ts";

const POLL_MS = 1_000;
const READABLE = 0o644;

interface RequestOptions extends HubOptions {
  readonly code: string;
  readonly key: string;
  readonly encryptionKey?: string;
  readonly out: string;
  readonly genesis?: string;
  readonly deviceSerial?: string;
  readonly organisation?: string;
  readonly waitSeconds: number;
}

type Answer = RouteAnswer<"certificateRequest">;

export function certRequestCommand(): Command {
  return withHubOptions(new Command("request"))
    .description("Ask for a certificate with a one-time code; keys are made here and stay here")
    .argument("<name>", "the name that the code is for")
    .requiredOption("--code <code>", "the enrolment code")
    .requiredOption("--key <file>", "signing key; made where the file does not exist")
    .requiredOption("--out <file>", "where the certificate goes, with its chain")
    .option("--encryption-key <file>", "ask for an encryption certificate too; made like --key")
    .option("--device-serial <text>", "serial number of the device, for the certificate")
    .option("--organisation <name>", "of the authority; default: the hub's first one")
    .option("--genesis <file>", "the chain's genesis; without it the hub is asked")
    .option("--wait-seconds <count>", "wait so long for the approval", parseInteger, 0)
    .addHelpText(
      "after",
      examples(
        "gridledger cert request gateway-7 --code 7F3K9Q-… --key gateway-7.key --out gateway-7.crt",
      ),
    )
    .action(run);
}

async function run(name: string, options: RequestOptions): Promise<void> {
  const hub = connectHub(options);
  const chain = await chainOf(hub, options.genesis);
  const { suite, signer } = existsSync(options.key)
    ? await readSigningKey(hub, chain, options.key)
    : { suite: chain.suite, signer: createKeyFile(chain.suite, options.key) };
  const { encryptionKey } = options;
  const organisation = options.organisation ?? (await organisationOf(hub));
  const about = { name, organisation, options };
  const body = {
    code: options.code,
    signing: pemOf(suite, signer, about),
    ...(encryptionKey !== undefined && {
      encryption: pemOf(chain.suite, await ownKey(chain.suite, encryptionKey), about),
    }),
  };
  const { id } = await hub.call("submitCertificateRequest", { body });
  const answer = await decided(hub, id, options.waitSeconds);
  if (answer.state === "rejected") throw new Fault("FORBIDDEN", `rejected: ${answer.detail}`);
  save(options, answer);
  printAnswer(options, answer, () => lines(options, answer));
}

function pemOf(
  suite: Suite,
  signer: Signer,
  about: { readonly name: string; readonly organisation: string; readonly options: RequestOptions },
): string {
  const { deviceSerial } = about.options;
  const subject = {
    organisation: about.organisation,
    commonName: about.name,
    ...(deviceSerial !== undefined && { deviceSerial }),
  };
  return formatPem("CERTIFICATE REQUEST", createRequest(suite, signer, { subject }));
}

/** Of the first authority; who has a code of another one names it. */
async function organisationOf(hub: Hub): Promise<string> {
  const { issuing } = await hub.call("authorities");
  const [encoded] = parsePem("CERTIFICATE", issuing[0]?.pem ?? "");
  return namePart(parseCertificate(encoded!).subject, "O") ?? "";
}

async function decided(hub: Hub, id: string, waitSeconds: number): Promise<Answer> {
  const untilMs = Date.now() + waitSeconds * 1_000;
  for (;;) {
    const answer = await hub.call("certificateRequest", { params: { id } });
    if (answer.state !== "pending" || Date.now() >= untilMs) return answer;
    await sleep(POLL_MS);
  }
}

/** Certificate and chain in one file, as TLS servers and clients want them. */
function save({ out }: RequestOptions, { certificates, chain }: Answer): void {
  const [signing, encryption] = certificates;
  if (signing === undefined) return;
  replaceFile(out, [signing, ...chain].join(""), READABLE);
  if (encryption !== undefined) replaceFile(`${out}.encryption`, encryption, READABLE);
}

function lines({ out }: RequestOptions, { id, state, identity }: Answer): string[] {
  if (state === "approved") return [`Approved: ${out}`, `Identity ${identity}`];
  return [
    `Request ${id} waits for an operator: gridledger ca approve ${id}`,
    `Identity ${identity}: compare it with what the operator sees.`,
    "The same command, said again, fetches the certificate.",
  ];
}
