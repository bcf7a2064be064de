import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { international as suite } from "@gridledger/protocol/crypto/international";
import { encodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { signTransaction } from "@gridledger/protocol/ledger/transaction";
import { readKeyFile } from "../../hub/src/cli/key-file.ts";
import { cleanEnvironment, runCli } from "../cli/run-cli.ts";
import { freePort, RunningNetwork, until } from "./running-network.ts";

const launcher = fileURLToPath(new URL("../../hub/bin/gridledger.js", import.meta.url));

describe("validators vote from the command line", () => {
  const folder = mkdtempSync(join(tmpdir(), "gl-votes-"));
  const home = join(folder, "home");
  const keyOf = (i: number) => join(home, "keys", `validator-${i}.page`);
  let network: RunningNetwork;

  const gridledger = (...args: string[]) => runCli([...args, "--home", home, "--json"]);
  const validator = (...args: string[]) => gridledger("validator", ...args);

  let mqttPort = 0;
  let fifth: ChildProcess | undefined;

  /** The others say yes until it is approved; the last answer. */
  async function passWith(args: readonly string[], voters: readonly number[]): Promise<void> {
    const proposed = await validator(...args, "--key", keyOf(voters[0]!));
    assert.equal(proposed.code, 0, proposed.stderr);
    const { proposal } = JSON.parse(proposed.stdout);
    for (const voter of voters.slice(1)) {
      const approved = await gridledger("governance", "approve", proposal, "--key", keyOf(voter));
      assert.equal(approved.code, 0, approved.stderr);
    }
  }

  /** A key, an enrolment and a process of its own, as an installer would make them. */
  async function startFifth(): Promise<void> {
    const key = join(folder, "fifth.key");
    const made = await runCli(["keygen", key, "--json"]);
    const publicKey = Buffer.from(JSON.parse(made.stdout).publicKey, "base64url");
    const genesis = join(home, "genesis.cbor");
    const { chainId } = decodeGenesis(readFileSync(genesis));
    const operator = await readKeyFile(suite, join(home, "keys", "operator.page"));
    const transaction = signTransaction(suite, operator, chainId, {
      ...{ kind: kind.enrolment, validUntilHeight: (await network.height()) + 500 },
      nonce: new Uint8Array(0),
      payload: encodeIdentity({ role: "candidate", publicKey, name: "fifth" }),
    });
    const body = { transaction: Buffer.from(transaction).toString("base64url") };
    await network.api.call("submitTransaction", { query: { waitMs: 20_000 }, body });
    const config = join(folder, "fifth.json");
    const brokers = [`mqtt://127.0.0.1:${mqttPort}`];
    const node = { genesis, key, home: join(folder, "fifth"), brokers, name: "fifth" };
    writeFileSync(config, JSON.stringify(node));
    fifth = spawn(process.execPath, [launcher, "node", "--config", config], {
      ...{ env: cleanEnvironment(), stdio: "ignore" },
    });
  }

  before(async () => {
    mqttPort = await freePort();
    const ports = ["--http-port", String(await freePort()), "--mqtt-port", String(mqttPort)];
    network = new RunningNetwork({ home, args: ports });
    await network.ready();
    const isOnline = async () => (await network.api.call("status")).validators.online === 4;
    await until("all are heard", isOnline, 20_000);
  });
  after(async () => {
    fifth?.kill("SIGKILL");
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

  it("a fifth node joins, the removed one takes another's place, both at stated heights", async () => {
    await startFifth();
    const heard = async (name: string) =>
      (await network.api.call("proposals")).candidates.some((one) => one.name === name);
    await until("the fifth has synced", () => heard("fifth"), 60_000);
    const at = (await network.height()) + 30;
    const when = ["--effective-at", String(at), "--reason", "a new site"];
    await passWith(["propose-add", "fifth", ...when], [1, 2]);
    const clash = await validator("propose-remove", "validator-3", ...when, "--key", keyOf(1));
    assert.match(clash.stderr, /SCHEDULE_CONFLICT/);
    const listed = JSON.parse((await gridledger("governance", "list")).stdout);
    const [{ action, subject, fromHeight, reason }] = listed.scheduled;
    assert.deepEqual([action, subject, fromHeight, reason], ["add", "fifth", at, "a new site"]);
    const total = async () => (await network.api.call("status")).validators.total;
    assert.equal(await total(), 3, "not before its height");
    await until("its height", async () => (await network.height()) >= at, 120_000);
    assert.equal(await total(), 4);
    const sealed = await network.api.call("block", { params: { height: at } });
    const before = await network.api.call("block", { params: { height: at - 1 } });
    assert.notEqual(sealed.validatorsHash, before.validatorsHash);
    await until("the removed one follows", () => heard("validator-4"), 60_000);
    await passWith(["propose-replace", "validator-3", "validator-4"], [1, 2, 3]);
    const { validators } = await network.api.call("proposals");
    const names = validators.map(({ name }) => name).sort();
    assert.deepEqual(names, ["fifth", "validator-1", "validator-2", "validator-4"]);
    const height = await network.height();
    await until("blocks go on", async () => (await network.height()) > height + 2, 60_000);
  });
});
