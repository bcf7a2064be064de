import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { encodeBreakGlass, encodeOrder } from "@gridledger/protocol/governance/break-glass";
import { network, type Person } from "../edge-node/support.ts";
import { runCli } from "./run-cli.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

describe("gridledger break-glass", () => {
  it("organisations sign, anybody shows, and only a signed order reaches a node's home", async (t) => {
    const folder = temporaryDirectory(t);
    const { chain, organisations, operator } = network({ organisations: 3 });
    const genesis = join(folder, "genesis.cbor");
    writeFileSync(genesis, chain.encoded);
    const file = join(folder, "order.cbor");
    const order = encodeOrder({
      ...{ chainId: chain.chainId, height: 7, headHash: new Uint8Array(32).fill(7) },
      ...{ validators: chain.validators.slice(0, 3), reason: "a site is lost", timeMs: 1 },
    });
    writeFileSync(file, encodeBreakGlass(order, []));
    const keyFile = ({ pkcs8 }: Person, name: string) => {
      const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
      writeFileSync(join(folder, name), key.export({ format: "pem", type: "pkcs8" }), {
        mode: 0o600,
      });
      return join(folder, name);
    };
    const node = join(folder, "node");
    mkdirSync(node);
    const run = (...args: string[]) => runCli(["break-glass", ...args, "--genesis", genesis]);
    const sign = (who: Person, name: string) => run("sign", file, "--key", keyFile(who, name));
    assert.match((await sign(operator, "operator.key")).stderr, /SENDER_ROLE/);
    assert.match(
      (await sign(organisations[0]!, "one.key")).stdout,
      /Signed by 1 of 3.*2 are needed/,
    );
    const early = await run("apply", file, "--node", node);
    assert.match(early.stderr, /BREAK_GLASS_UNSIGNED/);
    assert.equal((await sign(organisations[1]!, "two.key")).code, 0);
    const shown = JSON.parse((await run("show", file, "--json")).stdout);
    assert.deepEqual([shown.height, shown.quorum, shown.signers.length], [7, 2, 2]);
    assert.equal((await run("apply", file, "--node", node)).code, 0);
    assert.deepEqual(readFileSync(join(node, "break-glass.cbor")), readFileSync(file));
  });
});
