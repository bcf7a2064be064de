import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { runCli } from "../cli/run-cli.ts";
import { freePort, RunningNetwork, until } from "./running-network.ts";

const source = fileURLToPath(new URL("../crypto/fixtures/outside-suite/index.ts", import.meta.url));

/** As a vendor would ship it: JavaScript with everything that it needs. */
async function shipTo(folder: string): Promise<string> {
  const outfile = join(folder, "suite.mjs");
  await build({
    ...{ entryPoints: [source], outfile, bundle: true },
    ...{ platform: "node", format: "esm", logLevel: "silent" },
    banner: {
      js: `import { createRequire } from "node:module"; const require = createRequire(${JSON.stringify(source)});`,
    },
  });
  return outfile;
}

describe("a network on a crypto suite from outside, from the command line", () => {
  const folder = mkdtempSync(join(tmpdir(), "gl-suite-"));
  const home = join(folder, "home");
  const proof = join(folder, "proof.json");
  const genesis = join(home, "genesis.cbor");
  let network: RunningNetwork;
  let suitePackage: string;

  before(async () => {
    suitePackage = await shipTo(folder);
    const outside = ["--suite-package", suitePackage, "--suite", "example"];
    const ports = ["--http-port", await freePort(), "--mqtt-port", await freePort()].map(String);
    network = new RunningNetwork({ home, args: [...outside, ...ports] });
    await network.ready(90_000);
  });
  after(async () => {
    await network.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  it("the genesis names the suite, and every process is told where its package is", async () => {
    assert.equal((await network.api.call("status")).suite, "example");
    for (const name of ["hub", "validator-1", "bridge"]) {
      const config = JSON.parse(readFileSync(join(home, name, "config.json"), "utf8"));
      assert.deepEqual(config.suites, [suitePackage]);
    }
  });

  it("readings of its meters become final", async () => {
    const count = async () => (await network.api.call("status")).readings;
    await until("readings are final", async () => (await count()) > 0, 90_000);
  });

  it("a reading is submitted, proved, and verified with genesis and package alone", async () => {
    const readings = join(folder, "readings.csv");
    writeFileSync(readings, `time,1-0:1.8.0 Wh\n${new Date().toISOString()},42\n`);
    const key = join(home, "keys", "bridge.page");
    const submitted = await runCli([
      ...["submit", readings, "--meter", "E0042", "--key", key, "--wait", "--home", home, "--json"],
    ]);
    assert.equal(submitted.code, 0, submitted.stderr);
    const [{ hash, state }] = JSON.parse(submitted.stdout).transactions;
    assert.equal(state, "final");
    const proved = await runCli(["prove", "--tx", hash, "-o", proof, "--home", home]);
    assert.equal(proved.code, 0, proved.stderr);
    const verify = ["verify", proof, "--genesis", genesis];
    const verified = await runCli([...verify, "--suite-package", suitePackage]);
    assert.equal(verified.code, 0, verified.stderr);
  });

  it("a proof of it says which package is missing where it is not loaded", async () => {
    const verified = await runCli(["verify", proof, "--genesis", genesis]);
    assert.notEqual(verified.code, 0);
    assert.match(verified.stderr, /SUITE_MISSING/);
    assert.match(verified.stderr, /700/);
  });
});

describe("a package that does not keep its promise", () => {
  it("is refused before a network is made of it", async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "gl-suite-"));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const broken = join(folder, "broken.mjs");
    const suitePackage = await shipTo(folder);
    const code = `import { suitePackage as good } from ${JSON.stringify(suitePackage)};
      export const suitePackage = { ...good, suite: { ...good.suite, verify: () => true } };`;
    writeFileSync(broken, code);
    const args = ["start", "--home", join(folder, "home"), "--suite", "example"];
    const started = await runCli([...args, "--suite-package", broken]);
    assert.notEqual(started.code, 0);
    assert.match(started.stderr, /SUITE_SELF_TEST/);
    const absent = await runCli([...args, "--suite-package", "@example/absent"]);
    assert.match(absent.stderr, /SUITE_REFUSED.*install it/s);
  });
});
