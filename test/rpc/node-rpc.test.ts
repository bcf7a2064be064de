import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCli } from "../cli/run-cli.ts";
import { startNetwork, until } from "../edge-node/processes.ts";
import { Meter } from "../edge-node/support.ts";

/** Asks until the number is reached, for twenty seconds at most; the last answer. */
async function reached(wanted: number, ask: () => Promise<number>): Promise<number> {
  let last = 0;
  for (let tries = 0; tries < 200 && last < wanted; tries++) {
    last = await ask();
    if (last < wanted) await sleep(100);
  }
  return last;
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "gl-rpc-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test("users and tokens are made, listed and ended on the command line, secrets shown once", async (t) => {
  const file = join(await folder(t), "rpc-users.json");
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await runCli(["rpc-user", ...args, "--file", file, "--json"]);
    return { code, stderr, answer: JSON.parse(stdout || "{}") as Record<string, string> };
  };
  const made = await run("set", "ann", "--methods", "gl_*");
  const token = await run("token", "ann", "ci", "--methods", "gl_status", "--days", "1");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const kept = await readFile(file, "utf8");
  for (const secret of [made.answer.password, token.answer.token]) {
    assert.equal(secret?.length, 43);
    assert.equal(kept.includes(secret ?? ""), false);
  }
  const listed = JSON.stringify((await run("list")).answer);
  assert.match(listed, /"gl_status"/);
  assert.doesNotMatch(listed, /argon2|hash/);
  assert.equal((await run("token", "ann", "ci")).code, 2);
  assert.equal((await run("revoke", "ann", "ci")).code, 0);
  assert.equal((await run("set", "ann", "--methods", "bad pattern")).code === 0, false);
  const weak = join(await folder(t), "weak");
  await writeFile(weak, "password\n");
  const refused = await run("set", "ann", "--password-file", weak);
  assert.match(refused.stderr, /PASSWORD_WEAK/);
  assert.equal((await run("remove", "ann")).code, 0);
  assert.equal((await run("remove", "ann")).code, 2);
});

test("a node answers its RPC: status, blocks, peers, and a transaction becomes final", async (t) => {
  const file = join(await folder(t), "rpc-users.json");
  const { stdout } = await runCli(["rpc-user", "set", "ann", "--file", file, "--json"]);
  const { password } = JSON.parse(stdout) as { password: string };
  const net = await startNetwork({ policy: { maxBatchDelayMs: 20 } });
  t.after(() => net.stop());
  const [node] = net.nodes;
  const path = join(node!.home, "node.json");
  const config = JSON.parse(await readFile(path, "utf8")) as object;
  await writeFile(path, JSON.stringify({ ...config, rpc: { port: 0, users: file } }));
  await Promise.all(net.nodes.map((one) => one.start()));
  await until("the RPC is open", () => node!.lines.some((line) => line.includes('"rpc"')));
  const opened = node!.lines.find((line) => line.includes('"event":"rpc"')) ?? "{}";
  const { port } = JSON.parse(opened) as { port: number };

  const ask = async (method: string, ...params: unknown[]) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Basic ${Buffer.from(`ann:${password}`).toString("base64")}`,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    return (await response.json()) as {
      result?: Record<string, unknown>;
      error?: { data: { code: string } };
    };
  };
  const meter = new Meter(net.chain, net.devices[0]!, "by-rpc");
  const transaction = Buffer.from(meter.next()).toString("base64url");
  const submitted = await ask("gl_submitTransaction", transaction);
  const height = await reached(1, async () => Number((await ask("gl_status")).result?.height));
  assert.equal(height, 1);
  const block = (await ask("gl_getBlock", "latest")).result;
  assert.deepEqual(block?.transactions, [submitted.result?.hash]);
  assert.equal((await ask("gl_getBlock", 2)).error?.data.code, "NOT_FOUND");
  assert.equal((await ask("gl_submitTransaction", transaction)).error !== undefined, true);
  const validators = (await ask("gl_validators")).result as unknown as { items: unknown[] };
  assert.equal(validators.items.length, 4);
  // Nodes say who they are every few seconds.
  const peers = await reached(3, async () => {
    const { result } = await ask("gl_peers");
    return (result as unknown as unknown[]).length;
  });
  assert.equal(peers, 3);
  assert.ok((await ask("rpc_methods")).result);
});
