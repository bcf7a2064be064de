import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeContractCall } from "@gridledger/protocol/contracts/call";
import { encodeDeployment } from "@gridledger/protocol/contracts/deployment";
import { decodeReceipt, type Receipt, receiptRoot } from "@gridledger/protocol/contracts/receipt";
import { checkAccountProof } from "@gridledger/protocol/contracts/state-proof";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import { decodeHeader, type Header } from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  type ContractAnswer,
  decodeContractAnswer,
} from "@gridledger/protocol/messages/contract-answer";
import {
  type ContractQuestion,
  encodeContractQuery,
} from "@gridledger/protocol/messages/contract-query";
import { decodeDecide } from "@gridledger/protocol/messages/decide";
import { filters, topics } from "@gridledger/protocol/topics";
import { encodeDeployData, encodeFunctionData } from "viem";
import { startNetwork, until } from "../edge-node/processes.ts";
import { Meter, sign, suite } from "../edge-node/support.ts";
import { contract } from "./support.ts";

const GAS = 2_000_000;
const bytes = (hex: string): Uint8Array => Buffer.from(hex.slice(2), "hex");

describe("contracts on four validators, each its own process", () => {
  let net: Awaited<ReturnType<typeof startNetwork>>;
  const headers = new Map<number, Header>();
  const answers = new Map<number, ContractAnswer>();
  const { abi, bytecode } = contract("Counter.sol", "Counter");
  let address: Uint8Array;
  let nonce = 0;
  let questions = 0;

  const height = () => Math.max(0, ...headers.keys());

  const submit = async (number: number, payload: Uint8Array): Promise<number> => {
    const before = height();
    const body = { kind: number, nonce: Uint8Array.of(nonce++) };
    net.submit([sign(net.chain, net.operator, payload, body)]);
    await until("a block", () => height() > before);
    return height();
  };

  /** Asks a validator; again where the question was dropped. */
  const ask = async (node: number, question: ContractQuestion): Promise<ContractAnswer> => {
    const id = questions++;
    const peer = formatHex(net.validators[node]!.id);
    const topic = topics.sync("test", peer, formatHex(net.hub.id));
    const send = () => net.observer.publish(topic, encodeContractQuery({ id, question }));
    const again = setInterval(send, 500);
    send();
    await until("an answer", () => answers.has(id)).finally(() => clearInterval(again));
    return answers.get(id)!;
  };

  const receiptsOf = async (at: number): Promise<Receipt[]> => {
    let items: readonly Uint8Array[] = [];
    // A validator that is a moment behind has none yet.
    for (let node = 0; items.length === 0 && node < 200; node++) {
      ({ items } = await ask(node % 4, { about: "receipts", height: at, from: 0 }));
    }
    assert.ok(equalBytes(receiptRoot(suite.hash, items), headers.get(at)!.receiptRoot));
    return items.map(decodeReceipt);
  };

  before(async () => {
    net = await startNetwork({ policy: { maxBatchDelayMs: 50 } });
    net.observer.subscribe(filters.decides("test"), (_, payload) => {
      const header = decodeHeader(decodeDecide(payload).encodedHeader);
      headers.set(header.height, header);
    });
    net.observer.subscribe(filters.sync("test", formatHex(net.hub.id)), (_, payload) => {
      const answer = decodeContractAnswer(payload);
      answers.set(answer.id, answer);
    });
    await until("connected", () => net.device.connected && net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
  });
  after(() => net.stop());

  it("is deployed, and its receipt stands under the header", async () => {
    const initCode = bytes(encodeDeployData({ abi, bytecode, args: [5n] }));
    const at = await submit(kind.deployment, encodeDeployment({ gasLimit: GAS, initCode }));
    const [receipt] = await receiptsOf(at);
    assert.equal(receipt?.outcome, "success");
    assert.equal(headers.get(at)?.gasUsed, receipt?.gasUsed);
    address = receipt!.contract!;
  });

  it("is called, and every validator proves the slot to the same header", async () => {
    const data = bytes(encodeFunctionData({ abi, functionName: "add", args: [37n] }));
    const at = await submit(
      kind.contractCall,
      encodeContractCall({ gasLimit: GAS, to: address, data }),
    );
    assert.equal((await receiptsOf(at))[0]?.outcome, "success");
    const slot = new Uint8Array(32).fill(1, 31);
    for (const node of [0, 1, 2, 3]) {
      const { height: by, items } = await ask(node, { about: "slot", address, slot });
      const { stateRoot } = headers.get(by)!;
      const proof = checkAccountProof(suite.hash, stateRoot, { address, slot }, items[0]!);
      assert.deepEqual(proof?.slot?.value, Uint8Array.of(42));
      assert.equal(
        checkAccountProof(suite.hash, new Uint8Array(32), { address, slot }, items[0]!),
        undefined,
      );
    }
  });

  it("answers a call without a transaction", async () => {
    const data = bytes(encodeFunctionData({ abi, functionName: "count" }));
    const from = new Uint8Array(20);
    const { items } = await ask(1, { about: "call", from, to: address, data, gasLimit: GAS });
    assert.equal(BigInt(`0x${formatHex(decodeReceipt(items[0]!).output)}`), 42n);
  });

  it("goes on while a call burns all its gas, and readings beside it", async () => {
    const trouble = contract("Trouble.sol", "Trouble");
    const initCode = bytes(encodeDeployData({ abi: trouble.abi, bytecode: trouble.bytecode }));
    const deployed = await submit(kind.deployment, encodeDeployment({ gasLimit: GAS, initCode }));
    const to = (await receiptsOf(deployed))[0]!.contract!;
    const data = bytes(encodeFunctionData({ abi: trouble.abi, functionName: "forever" }));
    const at = await submit(kind.contractCall, encodeContractCall({ gasLimit: 500_000, to, data }));
    assert.equal((await receiptsOf(at))[0]?.outcome, "out of gas");
    const before = height();
    net.submit([new Meter(net.chain, net.devices[0]!, "beside").next()]);
    await until("the reading", () => height() > before);
  });

  it("has its storage after a restart, and the chain goes on", async () => {
    const [node] = net.nodes;
    await node!.end("SIGKILL");
    await node!.start();
    const data = bytes(encodeFunctionData({ abi, functionName: "add", args: [1n] }));
    await submit(kind.contractCall, encodeContractCall({ gasLimit: GAS, to: address, data }));
    const slot = new Uint8Array(32).fill(1, 31);
    let value: number | undefined;
    const deadline = Date.now() + 20_000;
    while (value !== 43 && Date.now() < deadline) {
      const { height: by, items } = await ask(0, { about: "slot", address, slot });
      const header = headers.get(by);
      const proof =
        header && checkAccountProof(suite.hash, header.stateRoot, { address, slot }, items[0]!);
      value = proof?.slot?.value.at(-1);
    }
    assert.equal(value, 43);
  });
});
