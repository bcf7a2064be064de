import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  encodeBreakGlass,
  encodeOrder,
  signOrder,
} from "@gridledger/protocol/governance/break-glass";
import { formatHex } from "@gridledger/protocol/hex";
import { inKeyOrder, validatorsHash } from "@gridledger/protocol/ledger/validators";
import { FinalHead } from "./final-head.ts";
import { startNetwork, until } from "./processes.ts";
import { enrol, Meter, person, suite } from "./support.ts";

describe("two of four sites burn down", () => {
  let net: Awaited<ReturnType<typeof startNetwork>>;
  let final: FinalHead;
  const newcomer = person();
  const height = () => final.height;
  const makeBlocks = (count: number, name: string) => final.makeBlocks(count, name);

  before(async () => {
    net = await startNetwork({ organisations: 3, policy: { maxBatchDelayMs: 20 } });
    final = new FinalHead(net, 60_000);
    await until("connected", () => net.device.connected && net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
    await makeBlocks(1, "first");
  });
  after(() => net.stop());

  it("the organisations give the chain to the survivors and a candidate, and it goes on", async () => {
    const { chain, operator, organisations, validators } = net;
    const from = height();
    net.submit([enrol(chain, operator, newcomer, { role: "candidate" })]);
    await until("enrolled", () => height() > from);
    await (await net.addCandidate(newcomer)).start();
    await makeBlocks(2, "while-it-follows");
    const statusOf = (id: Uint8Array) => net.statuses.get(formatHex(id));
    const at = height();
    const follows = () => [newcomer, validators[2]!].every(({ id }) => statusOf(id)?.height === at);
    await until("all are at the head", follows, 60_000);
    await Promise.all(net.nodes.slice(0, 2).map((node) => node.end("SIGKILL")));
    net.submit([new Meter(chain, net.devices[0]!, "stuck").next()]);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.equal(height(), at, "two of four are no quorum");
    const survivors = [validators[2]!, validators[3]!, newcomer];
    const set = inKeyOrder(
      survivors.map(({ signer }) => ({ publicKey: signer.publicKey, name: "n" })),
    );
    const order = encodeOrder({
      ...{ chainId: chain.chainId, height: at, headHash: statusOf(newcomer.id)!.headHash },
      ...{ validators: set, reason: "two sites burnt down", timeMs: Date.now() },
    });
    const signed = organisations.slice(1).map(({ signer }) => signOrder(signer, order));
    const encoded = encodeBreakGlass(order, signed);
    const left = net.nodes.slice(2);
    await Promise.all(left.map((node) => node.end("SIGKILL")));
    for (const { home } of left) await writeFile(join(home, "data", "break-glass.cbor"), encoded);
    await Promise.all(left.map((node) => node.start()));
    const three = formatHex(validatorsHash(suite.hash, set));
    await until("the new set seals", () => height() > at, 60_000);
    assert.equal(formatHex(final.header.validatorsHash), three);
    await makeBlocks(2, "after");
    assert.equal(formatHex(final.header.validatorsHash), three);
  });

  it("they restart with the file still there, and one of the old set comes back and follows", async () => {
    const left = net.nodes.slice(2);
    await Promise.all(left.map((node) => node.end("SIGKILL")));
    await Promise.all([...left, net.nodes[0]!].map((node) => node.start()));
    await makeBlocks(1, "restarted");
    const id = formatHex(net.validators[0]!.id);
    await until("it has caught up", () => net.statuses.get(id)?.height === height(), 60_000);
  });
});
