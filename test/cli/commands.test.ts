import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildProgram } from "../../hub/src/cli/program.ts";
import { version } from "../../hub/src/version.ts";
import { cleanEnvironment, launcher, runCli } from "./run-cli.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

type Command = ReturnType<typeof buildProgram>;

const program = buildProgram();

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function helpOf(command: Command): string {
  let help = "";
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
  });
  command.outputHelp();
  return help;
}

test("every command has help with examples", () => {
  const leaves = leavesOf(program);
  assert.ok(leaves.length > 100);
  for (const leaf of leaves) {
    const help = helpOf(leaf);
    assert.match(help, /Examples:/, help);
  }
  assert.match(helpOf(program), /Exit codes: 0 ok/);
});

test("help is asked for with --help, of the program and of a command", async () => {
  const query = program.commands.find((one) => one.name() === "query");
  const blocks = query?.commands.find((one) => one.name() === "blocks");
  assert.ok(blocks);
  for (const [command, words] of [
    [program, []],
    [blocks, ["query", "blocks"]],
  ] as const) {
    const { code, stdout } = await runCli([...words, "--help"]);
    assert.equal(code, 0, words.join(" "));
    assert.equal(stdout, helpOf(command));
  }
});

test("the version is the package's", async () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  assert.equal(version, JSON.parse(text).version);
  assert.equal((await runCli(["--version"])).stdout.trim(), version);
});

test("when nobody reads on it ends at once, without a word, as a shell knows it", async () => {
  const child = spawn(process.execPath, [launcher, "query", "--help"], { env: cleanEnvironment() });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  assert.equal(stderr, "");
  assert.equal(code, 141);
});

test("wrong usage ends with 2", async () => {
  assert.equal((await runCli(["frobnicate"])).code, 2);
  assert.equal((await runCli(["start", "--validators", "many"])).code, 2);
  assert.equal((await runCli(["verify", "proof.json"])).code, 2);
  assert.equal((await runCli(["query", "block", "-1"])).code, 2);
  for (const args of [
    ["prove", "E1"],
    ["prove", "E1", "noon"],
    ["query", "tx", "9f"],
  ]) {
    const { code, stderr } = await runCli(args);
    assert.equal(code, 2, args.join(" "));
    assert.doesNotMatch(stderr, /route|pattern/);
  }
});

test("a hub that does not answer ends with 3 and says where it was looked for", async (context) => {
  const home = temporaryDirectory(context);
  const args = ["status", "--home", home, "--url", "http://127.0.0.1:9"];
  const text = await runCli(args);
  assert.equal(text.code, 3);
  assert.match(text.stderr, /HUB_UNREACHABLE: no hub answers at http:\/\/127\.0\.0\.1:9/);
  const json = await runCli([...args, "--json"]);
  assert.equal(JSON.parse(json.stderr).error.code, "HUB_UNREACHABLE");
});

test("an unknown suite ends start with 1 and names the known ones", async (context) => {
  const home = temporaryDirectory(context);
  const { code, stderr } = await runCli(["start", "--home", home, "--suite", "rot13"]);
  assert.equal(code, 1);
  assert.match(stderr, /SUITE_UNKNOWN: .*international/);
});

test("keygen makes a private file and never overwrites one", async (context) => {
  const file = join(temporaryDirectory(context), "device.key");
  const first = await runCli(["keygen", file, "--json"]);
  assert.equal(first.code, 0);
  assert.match(JSON.parse(first.stdout).publicKey, /^[A-Za-z0-9_-]{44}$/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const second = await runCli(["keygen", file]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /choose another path/);
});

test("a home where no directory can be made is refused at once", async () => {
  for (const home of ["/proc/gridledger", "/dev/null"]) {
    const { code, stderr } = await runCli(["start", "--home", home]);
    assert.equal(code, 1);
    assert.match(stderr, /FILE_UNREADABLE: .*choose another path/);
  }
});

test("what is not a genesis or not a proof is refused with its code", async (context) => {
  const directory = temporaryDirectory(context);
  const file = join(directory, "proof.json");
  writeFileSync(file, "{}");
  const { code, stderr } = await runCli(["verify", file, "--genesis", file]);
  assert.equal(code, 1);
  assert.match(stderr, /GENESIS_INVALID/);
  const missing = await runCli(["verify", file, "--genesis", join(directory, "none")]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /FILE_UNREADABLE: .*none: there is no such file/);
});

test("verify writes the page that does the same in a browser", async (context) => {
  const file = join(temporaryDirectory(context), "verify.html");
  const { code, stdout } = await runCli(["verify", "--page", file]);
  assert.equal(code, 0);
  assert.match(stdout, /Page written to/);
  assert.match(readFileSync(file, "utf8"), /default-src 'none'; script-src 'sha256-/);
});

test("doctor finds a store file that is damaged and a home that others can read", async (context) => {
  const home = temporaryDirectory(context);
  writeFileSync(join(home, "chain.db"), "this is not a database, and it is long enough to look at");
  const { code, stdout } = await runCli(["doctor", "--home", home, "--json"]);
  assert.equal(code, 1);
  const { findings } = JSON.parse(stdout);
  const failed = findings.filter((finding: { result: string }) => finding.result === "fail");
  assert.deepEqual(
    failed.map((finding: { check: string }) => finding.check),
    ["stores"],
  );
  assert.match(failed[0].detail, /chain\.db/);
});

test("doctor names a consensus log that was set aside and one that cannot be read", async (context) => {
  const home = temporaryDirectory(context);
  const folder = join(home, "validator-2", "consensus");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "wal-00000001.damaged"), "");
  writeFileSync(join(folder, "wal-00000002"), "this is no log, and longer than its head");
  const { stdout } = await runCli(["doctor", "--home", home, "--json"]);
  const found = JSON.parse(stdout).findings.filter(
    (finding: { check: string }) => finding.check === "consensus logs",
  );
  assert.deepEqual(
    found.map(({ result }: { result: string }) => result),
    ["fail", "warn"],
  );
  assert.match(found[0].detail, /validator-2\/consensus\/wal-00000002/);
});
