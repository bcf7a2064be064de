import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runCli } from "../cli/run-cli.ts";
import { temporaryDirectory } from "../cli/temporary-directory.ts";
import { freePort, RunningNetwork, until } from "./running-network.ts";

test("the bridge's key is rotated while everything runs, and its readings go on under the same identity", async (t) => {
  const home = temporaryDirectory(t);
  const ports = ["--http-port", `${await freePort()}`, "--mqtt-port", `${await freePort()}`];
  const network = new RunningNetwork({ home, args: ["--validators", "1", ...ports] });
  t.after(() => network.cleanUp());
  await network.ready();
  const bridgePid = network.pid("bridge");
  await until("blocks", async () => (await network.height()) > 2, 40_000);
  const args = ["key", "rotate", "bridge", "--home", home, "--ahead", "10", "--json"];
  const { code, stdout, stderr } = await runCli(args);
  assert.equal(code, 0, stderr);
  const { identity, epoch, fromHeight, page } = JSON.parse(stdout);
  assert.equal(epoch, 2);
  assert.ok(existsSync(page) && existsSync(join(home, "keys", "bridge.turns.json")));

  // A batch of the bridge in a block that only the new key can sign.
  const hash = await until(
    "a batch signed with the new key",
    async () => {
      const head = await network.height();
      for (let height = fromHeight; height <= head; height++) {
        const params = { height: `${height}` };
        const { items } = await network.api.call("blockTransactions", { params });
        const found = items.find(({ sender }) => sender === identity);
        if (found !== undefined) return found.hash;
      }
      return undefined;
    },
    60_000,
  );
  const keys = await network.api.call("identityKeys", { params: { identity } });
  assert.equal(keys.epoch, 2);
  const proof = join(home, "proof.json");
  const prove = await runCli(["prove", "--tx", hash, "--home", home, "-o", proof]);
  assert.equal(prove.code, 0, prove.stderr);
  const verify = await runCli(["verify", proof, "--genesis", join(home, "genesis.cbor"), "--json"]);
  assert.equal(verify.code, 0, verify.stdout + verify.stderr);
  assert.equal(JSON.parse(verify.stdout).senderSignature, "checked");
  assert.equal(network.pid("bridge"), bridgePid, "nothing was restarted");
});
