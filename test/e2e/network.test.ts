import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type CliAnswer, runCli } from "../cli/run-cli.ts";
import { temporaryDirectory } from "../cli/temporary-directory.ts";
import { checkMeter, listMeters, listReadings } from "./chain-content.ts";
import { freePort, isAlive, RunningNetwork, until } from "./running-network.ts";
import { readSpool } from "./spool-copy.ts";

const STOP_WITHIN_MS = 5_000;

/** Waits until the chain is `blocks` higher than now. */
async function grow(network: RunningNetwork, blocks: number, withinMs: number): Promise<number> {
  const from = await until("a height", () => network.height(), withinMs);
  return until(
    `${blocks} more blocks than ${from}`,
    async () => {
      const height = await network.height();
      return height >= from + blocks ? height : undefined;
    },
    withinMs,
  );
}

/** Waits until no block has come for `quietMs`. */
async function standStill(
  network: RunningNetwork,
  quietMs: number,
  withinMs: number,
): Promise<void> {
  let height = -1;
  let sinceMs = Date.now();
  await until(
    `no block for ${quietMs} ms`,
    async () => {
      const now = await network.height();
      if (now !== height) sinceMs = Date.now();
      height = now;
      return Date.now() - sinceMs >= quietMs;
    },
    withinMs,
  );
}

async function changePassword(
  url: string,
  { user, current, next }: { user: string; current: string; next: string },
): Promise<void> {
  const post = async (path: string, body: object, headers: Record<string, string>) => {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]);
    return { answer: JSON.parse(text), cookie: cookie.join("; ") };
  };
  const session = await post("/api/v1/session", { user, password: current }, {});
  assert.equal(session.answer.mustChangePassword, true);
  await post(
    "/api/v1/session/password",
    { current, next },
    { cookie: session.cookie, "x-csrf-token": session.answer.csrfToken },
  );
}

function json(answer: CliAnswer): Record<string, unknown> & { [name: string]: unknown } {
  assert.equal(answer.code, 0, answer.stderr);
  return JSON.parse(answer.stdout);
}

describe("a network on one machine", () => {
  let directory: string;
  let home: string;
  let network: RunningNetwork;
  let ports: string[];
  let takenPort: number;
  const started: RunningNetwork[] = [];
  const start = (options: ConstructorParameters<typeof RunningNetwork>[0]) => {
    const network = new RunningNetwork(options);
    started.push(network);
    return network;
  };
  const cli = (...args: string[]) => runCli([...args, "--home", home]);

  before(async () => {
    directory = temporaryDirectory({ after });
    home = join(directory, "home");
    takenPort = await freePort();
    ports = ["--http-port", String(takenPort), "--mqtt-port", String(await freePort())];
  });

  after(() => Promise.all(started.map((each) => each.cleanUp())));

  test("starts with one command, and a taken port is replaced and said", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(takenPort, "127.0.0.1", resolve));
    network = start({ home, args: ports });
    await network.ready();
    const said = await network.event("port-taken");
    assert.deepEqual([said.service, said.wanted], ["http", takenPort]);
    assert.equal(new URL(network.url).port, String(said.used));
    await new Promise((resolve) => other.close(resolve));
  });

  test("shows the operator's one-time password, keeps it in no log, and lets it be changed", async () => {
    const { user, password } = await network.event("operator-password");
    for (const file of readdirSync(join(home, "logs"))) {
      const log = readFileSync(join(home, "logs", file), "utf8");
      assert.equal(log.includes(String(password)), false, file);
    }
    const next = `correct horse battery ${Date.now()}`;
    await changePassword(network.url, { user: String(user), current: String(password), next });
  });

  test("refuses a second start on its home", async () => {
    const { code, stderr } = await cli("start", "--json");
    assert.equal(code, 1);
    assert.equal(JSON.parse(stderr).error.code, "HOME_IN_USE");
  });

  test("makes blocks from the meters' real captures", async () => {
    await grow(network, 3, 30_000);
    const status = json(await cli("status", "--json"));
    assert.equal(status.suite, "international");
    assert.equal(status.channel, "main");
    // Among the first blocks are declarations and certificates too.
    await until(
      "readings of several meters",
      async () => {
        const { meters, readings } = await network.api.call("status");
        return meters >= 2 && readings > 0;
      },
      30_000,
    );
    const { total, quorum, faultTolerance } = status.validators as Record<string, number>;
    assert.deepEqual([total, quorum, faultTolerance], [4, 3, 1]);
    await until(
      "all validators online",
      async () => (await network.api.call("status")).validators.online === 4,
      15_000,
    );
  });

  test("proves a reading to anybody who has the genesis, and one changed byte is noticed", async () => {
    const [meter] = await listMeters(network.api);
    const [reading] = await listReadings(network.api, meter!.meter);
    const proof = join(directory, "proof.json");
    const genesis = join(home, "genesis.cbor");
    json(await cli("prove", meter!.meter, String(reading!.timeMs), "-o", proof, "--json"));
    const verified = json(await runCli(["verify", proof, "--genesis", genesis, "--json"]));
    assert.equal(verified.verified, true);
    assert.equal(verified.height, reading!.height);

    const good = JSON.parse(readFileSync(proof, "utf8"));
    for (const field of ["transaction", "header", "seal"]) {
      const bytes = Buffer.from(good[field], "base64url");
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(proof, JSON.stringify({ ...good, [field]: bytes.toString("base64url") }));
      const { code, stderr } = await runCli(["verify", proof, "--genesis", genesis]);
      assert.equal(code, 4, field);
      assert.match(stderr, /NOT verified/, field);
    }
  });

  test("takes readings of a device's own key, and goes on in its meter's sequence", async () => {
    const key = join(home, "keys", "bridge.page");
    for (const [i, text] of ["12.5", "13.25"].entries()) {
      const file = join(directory, "readings.csv");
      writeFileSync(file, `time,1-0:1.8.0 kWh\n2026-11-21T1${i}:00:00Z,${text}\n`);
      const args = ["submit", file, "--meter", "E2E-1", "--key", key, "--wait", "--json"];
      const { transactions } = json(await cli(...args));
      const [transaction] = transactions as { hash: string; state: string }[];
      assert.equal(transaction!.state, "final");
      const found = json(await cli("query", "tx", transaction!.hash, "--json"));
      assert.equal((found.batch as { sequence: number }).sequence, i + 1);
    }
    const { stdout } = await cli("query", "readings", "E2E-1");
    assert.match(stdout, /13\.25|13250/);
  });

  test("goes on while one validator is killed, which comes back by itself", async () => {
    const killed = network.pid("validator-2");
    process.kill(killed, "SIGKILL");
    await grow(network, 2, 20_000);
    await until("validator-2 back", () => network.pid("validator-2") !== killed, 15_000);
  });

  test("waits while two validators hang, and goes on when they are back", async () => {
    const hung = [network.pid("validator-1"), network.pid("validator-3")];
    for (const pid of hung) process.kill(pid, "SIGSTOP");
    try {
      await standStill(network, 6_000, 30_000);
    } finally {
      for (const pid of hung) process.kill(pid, "SIGCONT");
    }
    await grow(network, 2, 40_000);
  });

  test("heals by itself when two validators, the hub and the bridge are killed", async () => {
    const names = ["validator-1", "validator-4", "hub", "bridge"];
    const killed = new Map(names.map((name) => [name, network.pid(name)]));
    for (const pid of killed.values()) process.kill(pid, "SIGKILL");
    for (const [name, pid] of killed) {
      await until(`${name} back`, () => network.pid(name) !== pid, 20_000);
    }
    await grow(network, 2, 40_000);
  });

  test("loses and repeats nothing that the bridge had spooled when everything is killed", async () => {
    await network.powerCut();
    const spool = await readSpool(join(home, "bridge"));
    assert.ok(spool.sequences.size >= 2);

    network = start({ home, args: ports });
    await network.ready();
    await until(
      "all spooled batches final",
      async () => {
        const meters = new Map((await listMeters(network.api)).map((it) => [it.meter, it]));
        return [...spool.sequences].every(
          ([name, sequence]) => (meters.get(name)?.sequence ?? 0) >= sequence,
        );
      },
      40_000,
    );
    // What stood in no batch yet takes the bridge a moment more.
    await until("all spooled readings final once", () => countSpooled(spool.waiting), 40_000);
  });

  async function countSpooled(waiting: readonly string[]): Promise<boolean> {
    const times = new Map<string, Map<number, number>>();
    for (const meter of await listMeters(network.api)) {
      times.set(meter.meter, await checkMeter(network.api, meter));
    }
    return waiting.every((place) => {
      const [meter = "", timeMs] = place.split(" ");
      return times.get(meter)?.get(Number(timeMs)) === 1;
    });
  }

  test("stops within 5 s of Ctrl-C, and no process is left", async () => {
    await grow(network, 1, 30_000);
    const { pids } = network;
    const ms = await network.interrupt();
    assert.ok(ms < STOP_WITHIN_MS, `${ms} ms`);
    assert.deepEqual(pids.filter(isAlive), []);
  });

  test("started through npm it goes on from the same height, and npm's Ctrl-C stops it", async () => {
    const before_ = Math.max(...network.events.flatMap(heightOf));
    network = start({ home, args: ports, npm: true });
    await network.ready();
    assert.equal((await network.event("home")).isNew, false);
    assert.ok((await network.height()) >= before_);
    assert.equal(
      network.events.some((event) => event.event === "operator-password"),
      false,
    );
    await grow(network, 2, 30_000);
    const ms = await network.interrupt();
    assert.ok(ms < STOP_WITHIN_MS, `${ms} ms`);
  });

  test("leaves no process behind when the launcher itself is killed", async () => {
    network = start({ home, args: ports });
    await network.ready();
    process.kill(network.pids[0]!, "SIGKILL");
    await network.gone(STOP_WITHIN_MS);
  });

  test("names a damaged store file, does not use it, and goes on without that validator", async () => {
    const store = damageStore(join(home, "validator-2"));
    network = start({ home, args: ports });
    await network.ready();
    const refused = await network.event("process-refused");
    assert.equal(refused.name, "validator-2");
    assert.equal(refused.code, "STORE_CORRUPT");
    assert.match(String(refused.detail), new RegExp(store));
    await grow(network, 2, 30_000);
    const doctor = await cli("doctor");
    assert.equal(doctor.code, 1);
    assert.match(doctor.stdout, new RegExp(`${store} is damaged`));
    await network.interrupt();
  });

  test("refuses other validators for a home that is settled", async () => {
    const { code, stderr } = await cli("start", "--validators", "7", "--json");
    assert.equal(code, 1);
    assert.equal(JSON.parse(stderr).error.code, "HOME_SETTLED");
  });
});

function heightOf(event: { readonly [name: string]: unknown }): number[] {
  const status = event.status as { height: number } | undefined;
  return status === undefined ? [] : [status.height];
}

/** Overwrites the beginning of the validator's store file. Answers its path. */
function damageStore(folder: string): string {
  const name = readdirSync(folder).find((file) => /\.(?:db|sqlite3?)$/.test(file));
  assert.ok(name, `no store in ${folder}`);
  const file = openSync(join(folder, name), "r+");
  writeSync(file, Buffer.alloc(4_096, 0x5a), 0, 4_096, 0);
  closeSync(file);
  return join(folder, name);
}
