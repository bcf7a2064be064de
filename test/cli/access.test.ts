import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { HttpServer } from "../../hub/src/http-server.ts";
import { startRig } from "../hub/rig.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { runCli } from "./run-cli.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A hub that listens, with the operator's own password in a file. */
async function listeningHub(context: TestContext) {
  const rig = await startRig(new ChainBuilder(), { anonymousReads: false });
  const server = new HttpServer(rig.app, { host: "127.0.0.1", port: 0 });
  const { port } = await server.start();
  context.after(async () => {
    await server.stop();
    await rig.stop();
  });
  const folder = temporaryDirectory(context);
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), `${content}\n`);
    return join(folder, name);
  };
  const once = file("once", rig.password!);
  const own = file("own", "correct horse battery");
  const url = `http://127.0.0.1:${port}`;
  const as = (password: string, user = "operator") => [
    ...["--url", url, "--user", user, "--password-file", password],
  ];
  return { rig, url, folder, file, once, own, as };
}

test("users, tokens and questions about rights from the command line", async (context) => {
  const { url, folder, file, once, own, as } = await listeningHub(context);
  const early = await runCli(["user", "list", ...as(once)]);
  assert.match(early.stderr, /FORBIDDEN: .*choose a password of your own first/);
  const chosen = ["user", "change-password", "--new-password-file", own];
  assert.equal((await runCli([...chosen, ...as(once)])).code, 0);

  const added = await runCli(["user", "add", "li.na", "--roles", "auditor", ...as(own)]);
  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, /one-time password of li\.na: \w{20}\n/);
  const program = ["user", "add", "settlement", "--program", "--roles", "application"];
  assert.match((await runCli([...program, ...as(own)])).stdout, /gridledger token create/);

  const token = join(folder, "token");
  const create = ["token", "create", "--for", "settlement", "--name", "prod"];
  const scoped = [...create, "--permissions", "ledger.read", "--out", token, ...as(own)];
  const made = await runCli(scoped);
  assert.equal(made.code, 0, made.stderr);
  const secret = readFileSync(token, "utf8").trim();
  assert.ok(!made.stdout.includes(secret));
  assert.equal(statSync(token).mode & 0o777, 0o600);

  const read = ["query", "meters", "--url", url];
  assert.equal((await runCli([...read, "--token-file", token])).code, 0);
  const byEnvironment = await runCli(read, { env: { GRIDLEDGER_TOKEN: secret } });
  assert.equal(byEnvironment.code, 0);
  const bad = await runCli([...read, "--token-file", file("bad", "not a token")]);
  assert.equal(bad.code, 2);

  const asked = ["access", "explain", "li.na", "user.manage", "--resource", "user=wang.li"];
  const explained = await runCli([...asked, ...as(own)]);
  assert.match(explained.stdout, /^deny: li\.na may not user\.manage\nrule: guard\.only-reads\n/);

  const list = await runCli(["token", "list", "--for", "settlement", "--json", ...as(own)]);
  const [{ id }] = JSON.parse(list.stdout).items;
  assert.equal((await runCli(["token", "revoke", id, ...as(own)])).code, 0);
  const revoked = await runCli([...read, "--token-file", token]);
  assert.match(revoked.stderr, /TOKEN_INVALID/);

  const set = await runCli(["user", "set-roles", "li.na", "auditor,custodian", ...as(own)]);
  assert.match(set.stdout, /li\.na is enabled · roles: auditor, custodian/);
  assert.equal((await runCli(["user", "disable", "li.na", ...as(own)])).code, 0);
  assert.equal((await runCli(["user", "enable", "li.na", ...as(own)])).code, 0);
  const reset = await runCli(["user", "reset-password", "li.na", ...as(own)]);
  assert.match(reset.stdout, /one-time password of li\.na/);
});

test("neither a password nor a token is an argument, and wrong names are told with the right ones", async () => {
  for (const command of [
    ["user", "add"],
    ["token", "create"],
    ["query", "meters"],
  ]) {
    const { stdout } = await runCli([...command, "--help"]);
    assert.doesNotMatch(stdout, /--(?:password|token|secret) /);
  }
  const { code, stderr } = await runCli(["user", "add", "x.y", "--roles", "king"]);
  assert.equal(code, 2);
  assert.match(stderr, /"king" is none of: operator, administrator/);
});
