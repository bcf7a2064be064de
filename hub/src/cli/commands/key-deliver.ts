import { existsSync } from "node:fs";
import type { RouteAnswer, RouteInput } from "@gridledger/protocol/api/contract";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { keyPageOf } from "@gridledger/protocol/keys/held-key";
import { deliveryContext } from "@gridledger/protocol/keys/key-delivery";
import { Command } from "commander";
import { chainOf, readCertificate } from "../certificates/own-key.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { encodePem, writeNewFile } from "../key-file.ts";
import { formatTime, printAnswer } from "../output.ts";
import { readEncryptionKey } from "../recovery/encryption-key-file.ts";

type Order = RouteInput<"deliverKey">["body"];

interface DeliverOptions extends HubOptions {
  readonly role: Order["role"];
  readonly purpose: "signing" | "encryption";
  readonly to?: string;
}

export function keyDeliverCommand(): Command {
  return withHubOptions(new Command("deliver"))
    .description(
      "Have the hub make a key for somebody and keep it sealed until it is fetched, once; better is a key made where it is used: cert request",
    )
    .argument("<name>", "who it is for")
    .option("--role <role>", "what the subject will be", "device")
    .option("--purpose <purpose>", "signing or encryption", "signing")
    .option("--to <certificate>", "seal it to this encryption certificate, not to a passphrase")
    .addHelpText("after", examples("gridledger key deliver gateway-7 --user operator"))
    .action(deliver);
}

async function deliver(name: string, options: DeliverOptions): Promise<void> {
  const { role, purpose, to } = options;
  const sealTo = to === undefined ? undefined : readCertificate(to).key.publicKey;
  const recipientKey = sealTo && Buffer.from(sealTo).toString("base64url");
  const body = { name, role, purpose, ...(recipientKey !== undefined && { recipientKey }) };
  const answer = await connectHub(options).call("deliverKey", { body });
  const { id, passphrase, expiresMs } = answer;
  printAnswer(options, answer, () => [
    `gridledger key fetch ${id} --out ${name}.page   # once, until ${formatTime(expiresMs)}`,
    ...(passphrase === null ? [] : [`passphrase: ${passphrase}`]),
    "It is not shown again. Say the two to the recipient by two ways.",
  ]);
}

interface FetchOptions extends HubOptions {
  readonly out: string;
  readonly encryptionKey?: string;
  readonly genesis?: string;
}

export function keyFetchCommand(): Command {
  return withHubOptions(new Command("fetch"))
    .description("Fetch a key that was made for you; the hub forgets it")
    .argument("<delivery>", "its id")
    .requiredOption("--out <file>", "where the key goes, readable by you only")
    .option("--encryption-key <file>", "opens a key that was sealed to your certificate")
    .option("--genesis <file>", "the chain's genesis; without it the hub is asked")
    .addHelpText("after", examples("gridledger key fetch 5d… --out gateway-7.page"))
    .action(fetchKey);
}

async function fetchKey(id: string, options: FetchOptions): Promise<void> {
  const { out, encryptionKey } = options;
  if (existsSync(out)) throw new Fault("FILE_UNREADABLE", `${out} exists: choose another path`);
  const hub = connectHub(options);
  const { suite } = await chainOf(hub, options.genesis);
  // Read before the hub forgets it.
  const pkcs8 = encryptionKey === undefined ? undefined : readEncryptionKey(encryptionKey);
  const answer = await hub.call("fetchKey", { params: { id } });
  const sealed = Buffer.from(answer.content, "base64url");
  const isPage = answer.form === "page";
  if (!isPage && pkcs8 === undefined) {
    writeNewFile(out, sealed);
    throw new Fault(
      "USAGE_INVALID",
      `it is sealed to your key: kept in ${out}, name --encryption-key`,
    );
  }
  const content = isPage ? checkPage(sealed, answer) : open(suite, id, sealed, answer, pkcs8!);
  writeNewFile(out, content);
  const { publicKey, purpose } = answer;
  printAnswer(options, { file: out, publicKey, purpose }, () => [
    `${purpose} key ${publicKey} is in ${out}`,
    ...(isPage ? ["It opens with the passphrase; commands ask for it."] : []),
  ]);
}

type Fetched = RouteAnswer<"fetchKey">;

/** @throws Fault KEY_PAGE_INVALID, KEY_INVALID where it is another key */
function checkPage(page: Buffer, { publicKey }: Fetched): Buffer {
  if (formatHex(keyPageOf(page, "what was fetched").publicKey) === publicKey) return page;
  throw new Fault("KEY_INVALID", "the page is of another key");
}

/** @throws Fault SEALED_INVALID, KEY_INVALID */
function open(
  suite: Suite,
  id: string,
  sealed: Uint8Array,
  { publicKey, purpose }: Fetched,
  own: Uint8Array,
): string {
  const context = deliveryContext(id, Buffer.from(publicKey, "hex"));
  const pkcs8 = suite.opener(own).open(sealed, context);
  const made = purpose === "signing" ? suite.signer(pkcs8) : suite.opener(pkcs8);
  if (formatHex(made.publicKey) === publicKey) return encodePem(pkcs8);
  throw new Fault("KEY_INVALID", "what was sealed is another key");
}
