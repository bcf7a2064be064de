import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runCli } from "../cli/run-cli.ts";
import { freePort, RunningNetwork, until } from "./running-network.ts";

describe("validators vote from the command line", () => {
  const folder = mkdtempSync(join(tmpdir(), "gl-votes-"));
  const home = join(folder, "home");
  const keyOf = (i: number) => join(home, "keys", `validator-${i}.key`);
  let network: RunningNetwork;

  const gridledger = (...args: string[]) => runCli([...args, "--home", home, "--json"]);
  const validator = (...args: string[]) => gridledger("validator", ...args);

  before(async () => {
    const ports = [
      "--http-port",
      String(await freePort()),
      "--mqtt-port",
      String(await freePort()),
    ];
    network = new RunningNetwork({ home, args: ports });
    await network.ready();
    const isOnline = async () => (await network.api.call("status")).validators.online === 4;
    await until("all are heard", isOnline, 20_000);
  });
  after(async () => {
    await network.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  it("three of four remove the fourth, and proofs of later blocks verify with the genesis", async () => {
    const unknown = await validator("propose-remove", "nobody", "--key", keyOf(1));
    assert.match(unknown.stderr, /NOT_FOUND.*known: validator-\d, validator-\d/s);
    const proposed = await validator("propose-remove", "validator-4", "--key", keyOf(1));
    assert.equal(proposed.code, 0, proposed.stderr);
    const { proposal } = JSON.parse(proposed.stdout);
    const second = await validator("approve", proposal, "--key", keyOf(2));
    assert.equal(second.code, 0, second.stderr);
    const listed = JSON.parse((await validator("list")).stdout);
    assert.deepEqual(listed.items[0].approvals, ["validator-1", "validator-2"]);
    const third = await validator("approve", proposal, "--key", keyOf(4));
    assert.equal(third.code, 0, third.stderr);
    const { validators } = await network.api.call("status");
    assert.deepEqual([validators.total, validators.quorum], [3, 2]);
    const gone = await validator("approve", proposal, "--key", keyOf(3));
    assert.notEqual(gone.code, 0);
    // What the bridge sends now becomes final under the new set, and is proven by the handover.
    const { height } = JSON.parse(third.stdout);
    await until("blocks go on", async () => (await network.height()) > height + 1, 20_000);
    const { items } = await network.api.call("blockTransactions", {
      params: { height: height + 2 },
    });
    const file = join(folder, "proof.json");
    const proved = await gridledger("prove", "--tx", items[0]!.hash, "-o", file);
    assert.equal(proved.code, 0, proved.stderr);
    const genesis = join(home, "genesis.cbor");
    const verified = await runCli(["verify", file, "--genesis", genesis]);
    assert.equal(verified.code, 0, verified.stderr);
  });
});
