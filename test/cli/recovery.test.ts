import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { formatHex } from "@gridledger/protocol/hex";
import { encodePem } from "../../hub/src/cli/key-file.ts";
import { HttpServer } from "../../hub/src/http-server.ts";
import { Keeping } from "../hub/keeping.ts";
import { runCli } from "./run-cli.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A hub that listens, custodians, and everybody's keys in files. */
async function keepingHub(context: TestContext) {
  const world = new Keeping();
  await world.start();
  const server = new HttpServer(world.rig.app, { host: "127.0.0.1", port: 0 });
  const { port } = await server.start();
  context.after(async () => {
    await server.stop();
    await world.stop();
  });
  const folder = temporaryDirectory(context);
  const file = (name: string, pkcs8?: Uint8Array) => {
    if (pkcs8) writeFileSync(join(folder, name), encodePem(pkcs8), { mode: 0o600 });
    return join(folder, name);
  };
  const run = async (args: readonly string[]) => {
    const url = ["--url", `http://127.0.0.1:${port}`, "--json"];
    const { code, stdout, stderr } = await world.withBlocks(runCli(["recovery", ...args, ...url]));
    const answer: ReturnType<typeof JSON.parse> = code === 0 ? JSON.parse(stdout) : null;
    return { answer, stdout, stderr };
  };
  return { world, file, run };
}

test("a key is kept, asked for, released and collected from the command line, each with one key", async (context) => {
  const { world, file, run } = await keepingHub(context);
  const { suite } = world;
  const kept = suite.generateSealingKey();
  const owner = ["--key", file("owner.key", world.ownerKey.pkcs8)];
  const operator = ["--key", file("operator.key", world.builder.operator.pkcs8)];
  const ids = world.keepers.flatMap(({ key }) => ["--custodian", key.id]);
  const deposit = ["deposit", "--label", "archive", "--needed", "2", ...ids, ...owner];

  const deposited = await run([...deposit, file("archive.key", kept)]);
  assert.equal(deposited.answer?.state, "final", deposited.stderr);
  assert.equal(deposited.answer.publicKey, formatHex(suite.opener(kept).publicKey));

  const why = ["--reason", "disk lost", "--legal-basis", "contract §7"];
  const fresh = ["--new-key", file("new.key")];
  const asked = await run(["request", deposited.answer.publicKey, ...why, ...fresh, ...operator]);
  assert.equal(asked.answer?.state, "final", asked.stderr);
  const { id } = asked.answer;

  const out = ["--out", file("back.key")];
  for (const [index, { key, encryptionKey }] of world.keepers.slice(0, 2).entries()) {
    const own = ["--key", file(`keeper-${index}.key`, key.pkcs8)];
    const opens = ["--encryption-key", file(`keeper-${index}-encryption.key`, encryptionKey)];
    const released = await run(["release", id, ...own, ...opens]);
    assert.equal(released.answer?.state, "final", released.stderr);
  }
  const collected = await run(["collect", id, ...fresh, ...out, ...operator]);
  assert.equal(collected.answer?.state, "final", collected.stderr);
  assert.equal(readFileSync(file("back.key"), "utf8"), encodePem(kept));
  assert.equal(statSync(file("back.key")).mode & 0o777, 0o600);
  const list = await run(["list", "--own", ...owner]);
  assert.equal(list.answer?.requests[0].state, "completed", list.stderr);
});
