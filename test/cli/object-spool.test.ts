import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createKeyFile } from "../../hub/src/cli/key-file.ts";
import { ChainBuilder } from "../support/chain-builder.ts";
import { runCli } from "./run-cli.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

test("where no hub answers an object waits in the spool, and the answer says so", async (context) => {
  const directory = temporaryDirectory(context);
  const at = (name: string) => join(directory, name);
  const { chain } = new ChainBuilder();
  writeFileSync(at("genesis.cbor"), chain.encoded);
  writeFileSync(at("load.csv"), "a,b\n1,2\n");
  createKeyFile(chain.suite, at("gateway.pem"));
  const put = await runCli([
    ...["object", "put", at("load.csv"), "--key", at("gateway.pem")],
    ...["--genesis", at("genesis.cbor"), "--spool", at("spool"), "--url", "http://127.0.0.1:9"],
  ]);
  assert.match(put.stdout, /durably spooled .* not on the chain yet/s, put.stderr);
  const listed = await runCli(["object", "spool", "--spool", at("spool")]);
  assert.match(listed.stdout, /waiting .* 8 +load\.csv/);
});
