import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { international } from "@gridledger/protocol/crypto/international";
import { formatHex } from "@gridledger/protocol/hex";
import { keyPageOf } from "@gridledger/protocol/keys/held-key";
import { homeAt } from "../../hub/src/cli/network/home.ts";
import { provision } from "../../hub/src/cli/network/provision.ts";
import { resolveSettings } from "../../hub/src/cli/network/settings.ts";
import { runCli } from "../cli/run-cli.ts";
import { temporaryDirectory } from "../cli/temporary-directory.ts";
import { freePort, RunningNetwork, until } from "./running-network.ts";

const YEAR_MS = 366 * 86_400_000;

test("keys of a year ago are rotated by hub and bridge themselves, and by hand, while everything runs", async (t) => {
  const home = temporaryDirectory(t);
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() - YEAR_MS });
  provision(homeAt(home), resolveSettings(homeAt(home), { validators: 1 }));
  t.mock.timers.reset();
  const ports = ["--http-port", `${await freePort()}`, "--mqtt-port", `${await freePort()}`];
  const network = new RunningNetwork({ home, args: ["--validators", "1", ...ports] });
  t.after(() => network.cleanUp());
  await network.ready();
  const bridgePid = network.pid("bridge");
  await until("blocks", async () => (await network.height()) > 2, 40_000);
  for (const name of ["hub", "operator", "bridge"]) {
    const file = homeAt(home).page(name);
    const key = keyPageOf(readFileSync(file), file).publicKey;
    const identity = formatHex(identityId(international.hash, key));
    await until(
      `${name} has rotated`,
      async () => {
        const { items } = await network.api.call("identityKeys", { params: { identity } });
        return items.length === 2 || undefined;
      },
      40_000,
    );
  }
  // By hand it is brought forward.
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
