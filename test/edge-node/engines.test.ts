import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { encodeApproval } from "@gridledger/protocol/governance/approval";
import { encodeProposal } from "@gridledger/protocol/governance/proposal";
import { proposalId } from "@gridledger/protocol/governance/rules";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeHeader } from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeDecide } from "@gridledger/protocol/messages/decide";
import { messageType } from "@gridledger/protocol/messages/numbers";
import { decodePrepare } from "@gridledger/protocol/messages/prepare";
import { filters } from "@gridledger/protocol/topics";
import { build } from "esbuild";
import { EngineRegistry } from "../../edge-node/src/consensus/engine.ts";
import { poa } from "../../edge-node/src/consensus/poa/poa.ts";
import { loadEngines } from "../../edge-node/src/engine/engine-package.ts";
import { startNetwork, until } from "./processes.ts";
import { Meter, sign, suite } from "./support.ts";

const source = new URL("./fixtures/round-robin-engine/index.ts", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "gl-engine-"));
/** As a vendor would ship it: JavaScript with everything that it needs. */
const ROUND_ROBIN = join(folder, "round-robin.mjs");

before(async () => {
  await build({
    ...{ entryPoints: [source], outfile: ROUND_ROBIN, bundle: true },
    ...{ platform: "node", format: "esm", logLevel: "silent" },
  });
});
after(() => rmSync(folder, { recursive: true }));

type Network = Awaited<ReturnType<typeof startNetwork>>;

describe("a package that brings an engine", () => {
  const refused = async (text: string, why: RegExp) => {
    const place = mkdtempSync(join(folder, "refused-"));
    const file = join(place, "engine.mjs");
    writeFileSync(file, text);
    await assert.rejects(loadEngines([file], place), (thrown: Error & { code?: string }) => {
      assert.equal(thrown.code, "ENGINE_REFUSED");
      assert.match(thrown.message, why);
      return true;
    });
  };

  it("is found by its path and brings its factory", async () => {
    const [factory] = await loadEngines([ROUND_ROBIN], "/");
    assert.equal(factory?.name, "round-robin");
    assert.equal(new EngineRegistry([poa, factory!]).get("round-robin"), factory);
  });

  it("is refused with the reason when it is not there, or is something else", async () => {
    await assert.rejects(loadEngines(["@example/nowhere"], "/"), { code: "ENGINE_REFUSED" });
    await refused("export const other = 1;", /enginePackage/);
    await refused("export const enginePackage = { factory: {} };", /interfaceVersion undefined/);
    const shaped = (factory: string) =>
      `export const enginePackage = { interfaceVersion: 1, factory: ${factory} };`;
    await refused(shaped("{ name: 'x' }"), /create/);
    await refused(shaped("{ name: 'Not A Name', create() {} }"), /name/);
    await refused(shaped("{ name: 'x', create() {}, rules: 1 }"), /rules/);
  });

  it("may not take the name of another engine", async () => {
    const [factory] = await loadEngines([ROUND_ROBIN], "/");
    const rival = { ...factory!, name: "poa" };
    assert.throws(() => new EngineRegistry([poa, rival]), { code: "CONFIG_INVALID" });
  });
});

/** What is final, and at which heights PREPAREs were seen: only `poa` sends them. */
class Witness {
  readonly finals = new Set<string>();
  readonly preparedAt = new Set<number>();
  readonly sealsAt = new Map<number, number>();
  height = 0;
  readonly #meters = new Map<string, Meter>();
  readonly #net: Network;

  constructor(net: Network) {
    this.#net = net;
    net.observer.subscribe(filters.consensus("test"), (topic, bytes) => {
      if (bytes[2] === messageType.prepare) this.preparedAt.add(decodePrepare(bytes).height);
      if (bytes[2] !== messageType.decide || !topic.includes("/c/k/")) return;
      const { encodedHeader, seal, txHashes } = decodeDecide(bytes);
      const { height } = decodeHeader(encodedHeader);
      this.height = Math.max(this.height, height);
      this.sealsAt.set(height, seal.signatures.length);
      for (const hash of txHashes) this.finals.add(formatHex(hash));
    });
  }

  /** One more reading is final. */
  async makeBlock(name: string): Promise<void> {
    const { chain, devices } = this.#net;
    const meter = this.#meters.get(name) ?? new Meter(chain, devices[0]!, name);
    this.#meters.set(name, meter);
    await this.makeFinal([meter.next()]);
  }

  async makeFinal(encoded: readonly Uint8Array[]): Promise<void> {
    const before = this.finals.size;
    this.#net.submit(encoded);
    const isFinal = () => this.finals.size >= before + encoded.length;
    await until("final", isFinal, 30_000);
  }
}

describe("a channel with an engine from outside", () => {
  let net: Network;
  let witness: Witness;

  before(async () => {
    net = await startNetwork({ engine: "round-robin", engines: [ROUND_ROBIN] });
    witness = new Witness(net);
    await until("connected", () => net.device.connected && net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
  });
  after(() => net.stop());

  it("makes readings final, and a validator that was killed finds its way back", async () => {
    for (let i = 0; i < 6; i++) await witness.makeBlock("outside");
    assert.equal(witness.preparedAt.size, 0);
    await net.nodes[1]!.end("SIGKILL");
    await net.nodes[1]!.start();
    for (let i = 0; i < 6; i++) await witness.makeBlock("outside");
    assert.ok([...witness.sealsAt.values()].every((signatures) => signatures >= 3));
  });
});

describe("a channel that votes for another engine", () => {
  let net: Network;
  let witness: Witness;

  before(async () => {
    net = await startNetwork({ engines: [ROUND_ROBIN] });
    witness = new Witness(net);
    await until("connected", () => net.device.connected && net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
    await witness.makeBlock("vote");
  });
  after(() => net.stop());

  /** Votes the engine in from a height on, and makes blocks until it is past. */
  async function change(engine: string): Promise<number> {
    const { chain, validators } = net;
    const height = witness.height + 6;
    const parameters = new Uint8Array(0);
    const proposal = {
      action: { type: "engine", engine, parameters } as const,
      ...{ effectiveAtHeight: height, expiresAtHeight: height - 1, reason: "a test" },
    };
    const payload = encodeProposal(proposal);
    await witness.makeFinal([sign(chain, validators[0]!, payload, { kind: kind.proposal })]);
    const approval = { proposalId: proposalId(suite, proposal), heartbeat: new Uint8Array(0) };
    for (const validator of validators.slice(1, 3)) {
      const vote = encodeApproval(approval);
      await witness.makeFinal([sign(chain, validator, vote, { kind: kind.approval })]);
    }
    while (witness.height < height + 3) await witness.makeBlock("vote");
    return height;
  }

  const preparedFrom = (from: number, to: number) =>
    [...witness.preparedAt].filter((height) => height >= from && height < to).length;

  it("runs it from exactly that height on, also where a node starts anew, and back again", async () => {
    const first = await change("round-robin");
    assert.equal(preparedFrom(first - 1, first), 1, "poa made the block before");
    assert.equal(preparedFrom(first, witness.height + 1), 0, "and none from there on");
    await Promise.all(net.nodes.map((node) => node.end("SIGKILL")));
    await Promise.all(net.nodes.map((node) => node.start()));
    await witness.makeBlock("vote");
    const second = await change("poa");
    assert.equal(preparedFrom(first, second), 0);
    assert.ok(preparedFrom(second, witness.height + 1) >= 3);
  });

  it("refuses to go over to work: proofs of votes and of work are not one chain's", async () => {
    const { chain, validators } = net;
    const height = witness.height + 50;
    const payload = encodeProposal({
      action: { type: "engine", engine: "pow", parameters: new Uint8Array(1) },
      ...{ effectiveAtHeight: height, expiresAtHeight: height - 1, reason: "" },
    });
    const before = witness.finals.size;
    net.submit([sign(chain, validators[0]!, payload, { kind: kind.proposal })]);
    await witness.makeBlock("vote");
    await witness.makeBlock("vote");
    assert.equal(witness.finals.size, before + 2, "it is in no block");
  });
});
