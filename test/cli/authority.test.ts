import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { formatHex } from "@gridledger/protocol/hex";
import { openSealedKey } from "@gridledger/protocol/keys/sealed-key";
import { decodeTransactions } from "@gridledger/protocol/messages/transactions";
import { parseCrl } from "@gridledger/protocol/pki/crl";
import { formatPem, parsePem } from "@gridledger/protocol/pki/pem";
import { encodePem } from "../../hub/src/cli/key-file.ts";
import { HttpServer } from "../../hub/src/http-server.ts";
import { startRig } from "../hub/rig.ts";
import { Consortium } from "../pki/consortium.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { type CliAnswer, runCli } from "./run-cli.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const PASSWORD = "correct horse battery";
/** Other processes need the processor too. */
const PAUSE_MS = 5;

/** A hub that listens and has an authority, with its operator's password in a file. */
async function authorityHub(context: TestContext) {
  const builder = new ChainBuilder();
  const organisations = ["Utility", "Retail"];
  const rig = await startRig(builder, { hasAuthority: true, organisations });
  const server = new HttpServer(rig.app, { host: "127.0.0.1", port: 0 });
  const { port } = await server.start();
  context.after(async () => {
    await server.stop();
    await rig.stop();
  });
  const folder = temporaryDirectory(context);
  const file = (name: string, content?: string) => {
    if (content !== undefined) writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const url = ["--url", `http://127.0.0.1:${port}`, "--json"];
  const as = ["--user", "operator", "--password-file", file("own", PASSWORD)];
  const chosen = ["user", "change-password", "--new-password-file", file("own"), ...url];
  const once = ["--user", "operator", "--password-file", file("once", rig.password)];
  const answer = await runCli([...chosen, ...once]);
  assert.equal(answer.code, 0, answer.stderr);
  const run = (args: readonly string[]) => runCli([...args, ...url]);
  return { builder, rig, file, as, run };
}

function done({ code, stdout, stderr }: CliAnswer): ReturnType<typeof JSON.parse> {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

test("a key that the hub makes for somebody is fetched once, as a page or sealed to a certificate", async (context) => {
  const { builder, file, as, run } = await authorityHub(context);
  const { suite } = builder.chain;
  const made = done(await run(["key", "deliver", "gateway-7", ...as]));
  const fetched = done(await run(["key", "fetch", made.id, "--out", file("gateway-7.page")]));
  assert.equal(fetched.publicKey, made.publicKey);
  const unlock = { secret: Buffer.from(made.passphrase), isRandom: false };
  const opened = openSealedKey(unlock, readFileSync(file("gateway-7.page")));
  assert.equal(formatHex(opened.publicKey), made.publicKey);
  assert.equal(statSync(file("gateway-7.page")).mode & 0o777, 0o600);
  const again = await run(["key", "fetch", made.id, "--out", file("again.page")]);
  assert.deepEqual([again.code, JSON.parse(again.stderr).error.code], [1, "DELIVERY_TAKEN"]);

  const own = suite.generateSealingKey();
  const { encoded } = new Consortium("international").issue({
    ...{ profile: { kind: "encryption" }, publicKey: suite.opener(own).publicKey },
  });
  const to = ["--to", file("li.pem", formatPem("CERTIFICATE", encoded)), "--purpose", "encryption"];
  const sealed = done(await run(["key", "deliver", "li.na", "--role", "operator", ...to, ...as]));
  assert.equal(sealed.passphrase, null);
  const opens = ["--encryption-key", file("li.key", encodePem(own)), "--out", file("archive.key")];
  done(await run(["key", "fetch", sealed.id, ...opens]));
  const [pkcs8] = [
    Buffer.from(
      readFileSync(file("archive.key"), "latin1").replace(/-----[A-Z ]+-----/g, ""),
      "base64",
    ),
  ];
  assert.equal(formatHex(suite.opener(pkcs8!).publicKey), sealed.publicKey);
});

test("an issuing authority is taken back: on the chain from one block on, and in the root's list", async (context) => {
  const { builder, rig, as, run } = await authorityHub(context);
  const home = rig.directoryPath;
  mkdirSync(join(home, "keys"), { mode: 0o700 });
  copyFileSync(join(home, "ca.unlock"), join(home, "keys", "ca.unlock"));
  const [utility, retail] = rig.authority!.authorities.all;
  const revoke = ["ca", "revoke-authority", utility!.id, "--reason", "authorityCompromise"];
  const answer = done(await withBlocks(builder, rig, run([...revoke, "--home", home, ...as])));
  assert.deepEqual([answer.organisation, answer.isListed], ["Utility", true]);
  assert.ok(answer.height > 0 && rig.directory.isRevokedCertificate(utility!.key));
  assert.ok(!retail!.isVoid());
  const [list] = parsePem("X509 CRL", readFileSync(join(home, "ca", "root.crl"), "latin1"));
  assert.deepEqual([...parseCrl(list!).revoked.keys()], [utility!.certificate.serial]);
  const unknown = await run([
    "ca",
    "revoke-authority",
    "00".repeat(10),
    "--reason",
    "superseded",
    ...as,
  ]);
  assert.deepEqual([unknown.code, JSON.parse(unknown.stderr).error.code], [1, "AUTHORITY_UNKNOWN"]);
});

/** Brings what the hub sends into blocks, as validators would, while the work runs. */
async function withBlocks<Answer>(
  builder: ChainBuilder,
  rig: Awaited<ReturnType<typeof startRig>>,
  work: Promise<Answer>,
): Promise<Answer> {
  let isDone = false;
  const watched = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    const final = new Set(
      builder.blocks.flatMap(({ transactions }) => transactions.map(formatHex)),
    );
    const sent = new Map(
      rig.bus
        .on(/\/t\//)
        .flatMap(decodeTransactions)
        .map((one) => [formatHex(one), one]),
    );
    const fresh = [...sent].filter(([name]) => !final.has(name)).map(([, one]) => one);
    if (fresh.length > 0) {
      rig.carry(builder.add(fresh));
      await rig.indexed(builder.height);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return watched;
}
