import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeApproval } from "@gridledger/protocol/governance/approval";
import { encodeProposal, type Proposal } from "@gridledger/protocol/governance/proposal";
import { formatHex } from "@gridledger/protocol/hex";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { validatorsHash } from "@gridledger/protocol/ledger/validators";
import { FinalHead } from "./final-head.ts";
import { startNetwork, until } from "./processes.ts";
import { enrol, type Person, person, sign, suite } from "./support.ts";

type Network = Awaited<ReturnType<typeof startNetwork>>;

const nothing = new Uint8Array(0);
const hashOf = (set: readonly Person[]) =>
  formatHex(
    validatorsHash(
      suite.hash,
      set
        .map(({ signer }) => ({ publicKey: signer.publicKey, name: "" }))
        .sort((a, b) => Buffer.compare(a.publicKey, b.publicKey)),
    ),
  );

describe("validators change their own set while they run", () => {
  let net: Network;
  let final: FinalHead;
  const newcomer = person();
  const height = () => final.height;
  const makeBlocks = (count: number, name: string) => final.makeBlocks(count, name);

  /** The first proposes, the others approve; all in whatever blocks they fall. */
  async function decide(voters: readonly Person[], proposal: Proposal): Promise<void> {
    const payload = encodeProposal(proposal);
    const before = height();
    net.submit([sign(net.chain, voters[0]!, payload, { kind: kind.proposal })]);
    await until("the proposal is final", () => height() > before);
    const approval = encodeApproval({ proposalId: suite.hash(payload), heartbeat: nothing });
    net.submit(
      voters.slice(1).map((voter) => sign(net.chain, voter, approval, { kind: kind.approval })),
    );
  }

  before(async () => {
    net = await startNetwork({ policy: { maxBatchDelayMs: 20 } });
    final = new FinalHead(net, 30_000);
    await until("connected", () => net.device.connected && net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
    await makeBlocks(2, "first");
  });
  after(() => net.stop());

  it("a node that has synced is added by three of four, and its vote is needed at once", async () => {
    const { chain, operator, validators } = net;
    const before = height();
    net.submit([enrol(chain, operator, newcomer, { role: "candidate" })]);
    await until("enrolled", () => height() > before);
    await (await net.addCandidate(newcomer)).start();
    const id = formatHex(newcomer.id);
    await until("it has synced", () => (net.statuses.get(id)?.height ?? 0) >= before + 1);
    // A newcomer signs nothing until the chain has moved on (amnesia); it follows already.
    await makeBlocks(4, "while-it-follows");
    await decide(validators.slice(0, 3), {
      action: {
        ...{ type: "add", publicKey: newcomer.signer.publicKey, name: "fifth" },
        heartbeat: net.heartbeats.get(id)!,
      },
      ...{ effectiveAtHeight: 0, expiresAtHeight: height() + 50, reason: "a new site" },
    });
    const five = hashOf([...validators, newcomer]);
    await until("handed over", () => formatHex(final.header.nextValidatorsHash) === five);
    await makeBlocks(1, "five");
    assert.equal(formatHex(final.header.validatorsHash), five);
    // Quorum of five is four: without one of the old, the new one must vote.
    assert.equal(await net.nodes[1]!.end("SIGKILL"), "SIGKILL");
    await makeBlocks(3, "needs-the-fifth");
  });

  it("the one that is gone is removed, and the smaller set survives another loss", async () => {
    const [first, gone, third, fourth] = net.validators as [Person, Person, Person, Person];
    await decide([newcomer, first, third, fourth], {
      action: { type: "remove", publicKey: gone.signer.publicKey },
      ...{ effectiveAtHeight: 0, expiresAtHeight: height() + 50, reason: "it is gone" },
    });
    const four = hashOf([first, third, fourth, newcomer]);
    await until("handed over", () => formatHex(final.header.nextValidatorsHash) === four);
    // Of five, three would be no quorum; of these four they are.
    assert.equal(await net.nodes[3]!.end("SIGKILL"), "SIGKILL");
    await makeBlocks(3, "four-less-one");
    assert.equal(formatHex(final.header.validatorsHash), four);
  });

  it("one that slept through its own removal and another's joining follows the chain to its head", async () => {
    const id = formatHex(net.validators[1]!.id);
    await net.nodes[1]!.start();
    await until("it has caught up", () => (net.statuses.get(id)?.height ?? 0) >= height(), 30_000);
    await makeBlocks(2, "it-only-follows");
  });

  it("all restart with the set they had", async () => {
    const running = [0, 2, 4].map((i) => net.nodes[i]!);
    await Promise.all(running.map((node) => node.end("SIGKILL")));
    await Promise.all(running.map((node) => node.start()));
    await makeBlocks(2, "after-the-power-cut");
  });

  it("votes in a partition change nothing; when it heals, all have the same new set", async () => {
    const [first, , third, fourth] = net.validators as [Person, Person, Person, Person];
    await net.nodes[3]!.start();
    const id = formatHex(fourth.id);
    await until("it has caught up", () => (net.statuses.get(id)?.height ?? 0) >= height(), 30_000);
    // Two of four are cut off in the middle of everything: their processes stand still.
    const cut = [net.nodes[0]!, net.nodes[2]!];
    for (const { pid } of cut) process.kill(pid, "SIGSTOP");
    const before = height();
    const payload = encodeProposal({
      action: { type: "remove", publicKey: fourth.signer.publicKey },
      ...{ effectiveAtHeight: 0, expiresAtHeight: before + 50, reason: "" },
    });
    const approval = encodeApproval({ proposalId: suite.hash(payload), heartbeat: nothing });
    const votes = [first, third].map((by) =>
      sign(net.chain, by, approval, { kind: kind.approval }),
    );
    net.submit([sign(net.chain, newcomer, payload, { kind: kind.proposal })]);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(height(), before, "two of four are no quorum");
    for (const { pid } of cut) process.kill(pid, "SIGCONT");
    await until("the proposal is final", () => height() > before, 30_000);
    net.submit(votes);
    const three = hashOf([first, third, newcomer]);
    await until("handed over", () => formatHex(final.header.nextValidatorsHash) === three, 30_000);
    await makeBlocks(2, "healed");
    assert.equal(formatHex(final.header.validatorsHash), three);
    const ids = [first, third, fourth, newcomer].map((who) => formatHex(who.id));
    const heads = () => new Set(ids.map((node) => formatHex(net.statuses.get(node)!.headHash)));
    await until("one head", () => heads().size === 1, 30_000);
  });
});
