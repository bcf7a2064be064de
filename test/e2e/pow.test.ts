import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runCli } from "../cli/run-cli.ts";
import { freePort, RunningNetwork, until } from "./running-network.ts";

describe("a network with proof of work, from the command line", () => {
  const folder = mkdtempSync(join(tmpdir(), "gl-pow-"));
  const home = join(folder, "home");
  let network: RunningNetwork;
  const gridledger = (...args: string[]) => runCli([...args, "--home", home, "--json"]);

  before(async () => {
    const ports = [
      "--http-port",
      String(await freePort()),
      "--mqtt-port",
      String(await freePort()),
    ];
    network = new RunningNetwork({ home, args: ["--engine", "pow", ...ports] });
    await network.ready();
  });
  after(async () => {
    await network.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  it("readings become final, each block with its work and the blocks that follow it", async () => {
    await until("blocks are final", async () => (await network.height()) >= 3, 60_000);
    const status = await network.api.call("status");
    assert.deepEqual([status.engine, status.finalityDepth], ["pow", 6]);
    await until(
      "readings come in",
      async () => (await network.api.call("status")).readings > 0,
      60_000,
    );
    const block = await network.api.call("block", { params: { height: 2 } });
    assert.ok(block.work !== null && block.work.difficulty >= 1_000);
    assert.ok(block.hash <= block.work.target, "the hash is at most the target");
    assert.ok(block.work.hashesTried > 0);
    assert.deepEqual(
      block.seal.confirmations.map(({ height }) => height),
      [3, 4, 5, 6, 7, 8],
    );
    assert.equal(block.seal.signatures.length, 1);
  });

  it("a proof of a reading verifies with nothing but the genesis", async () => {
    const readings = join(folder, "readings.csv");
    writeFileSync(readings, `time,1-0:1.8.0 Wh\n${new Date().toISOString()},42\n`);
    const key = join(home, "keys", "bridge.page");
    const submitted = await gridledger(
      ...["submit", readings, "--meter", "E0042", "--key", key, "--wait"],
    );
    assert.equal(submitted.code, 0, submitted.stderr);
    const [{ hash, state }] = JSON.parse(submitted.stdout).transactions;
    assert.equal(state, "final");
    const file = join(folder, "proof.json");
    const proved = await gridledger("prove", "--tx", hash, "-o", file);
    assert.equal(proved.code, 0, proved.stderr);
    const genesis = join(home, "genesis.cbor");
    const verified = await runCli(["verify", file, "--genesis", genesis]);
    assert.equal(verified.code, 0, verified.stderr);
  });

  it("a miner that dies and comes back finds the others' chain, and blocks go on without it", async () => {
    const pid = network.pid("validator-1");
    process.kill(pid, "SIGKILL");
    const height = await network.height();
    await until("blocks go on", async () => (await network.height()) > height + 2, 60_000);
    await network.event(
      "process-ready",
      ({ name, pid: other }) => name === "validator-1" && other !== pid,
    );
    const hasCaughtUp = async () => {
      const nodes = (await network.api.call("nodes")).items;
      return nodes.every(({ lagBlocks }) => lagBlocks !== null && lagBlocks <= 2);
    };
    await until("it has caught up", hasCaughtUp, 60_000);
  });

  it("bridge and spool have their receipts: nothing waits for long", async () => {
    const status = await network.api.call("status");
    assert.notEqual(status.state, "stalled");
  });
});
