import { addressOf } from "@gridledger/protocol/contracts/address";
import { encodeContractCall } from "@gridledger/protocol/contracts/call";
import { encodeDeployment } from "@gridledger/protocol/contracts/deployment";
import { decodeHeader } from "@gridledger/protocol/ledger/header";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { decodeDecide } from "@gridledger/protocol/messages/decide";
import { filters } from "@gridledger/protocol/topics";
import { encodeDeployData, encodeFunctionData, getContractAddress } from "viem";
import { contract } from "../contracts/support.ts";
import { startNetwork, until } from "../edge-node/processes.ts";
import { sign, suite } from "../edge-node/support.ts";

/** The first so many run on processes that have just started; a node that runs for days never sees that again. */
const FIRST = 600;
const WARM_UP = 1_200;
const TRANSFERS = 1_800;
const MESSAGE = 50;
const GAS = 100_000;
const WAIT_MS = 240_000;
const TO = "0x00000000000000000000000000000000000000aa";
const bytes = (hex: string): Uint8Array => Buffer.from(hex.slice(2), "hex");

/** ERC-20 transfers that four validator processes and a broker on this machine make final in a second. */
export async function finalTransfersPerS(): Promise<{ justStarted: number; warm: number }> {
  // Blocks of the default gas, some 230 transfers: of larger ones a round ends before all have executed them.
  const net = await startNetwork({ policy: { maxBatchDelayMs: 20 } });
  try {
    let final = 0;
    net.observer.subscribe(filters.decides("test"), (_, payload) => {
      final += decodeHeader(decodeDecide(payload).encodedHeader).txCount;
    });
    await until("connected", () => net.device.connected && net.observer.connected);
    await Promise.all(net.nodes.map((node) => node.start()));
    let nonce = 0;
    const signed = (number: number, payload: Uint8Array) => {
      const own = Buffer.alloc(4);
      own.writeUInt32BE(nonce++);
      return sign(net.chain, net.operator, payload, { kind: number, nonce: own });
    };
    const { abi, bytecode } = contract("Token.sol", "Token");
    const initCode = bytes(encodeDeployData({ abi, bytecode, args: [10n ** 18n] }));
    net.submit([signed(kind.deployment, encodeDeployment({ gasLimit: 3_000_000, initCode }))]);
    await until("the token", () => final === 1, WAIT_MS);
    const own = addressOf(suite.hash, net.operator.signer.publicKey);
    const from = `0x${Buffer.from(own).toString("hex")}` as const;
    const to = bytes(getContractAddress({ from, nonce: 0n }));
    const data = bytes(encodeFunctionData({ abi, functionName: "transfer", args: [TO, 1n] }));
    const transfer = () =>
      signed(kind.contractCall, encodeContractCall({ gasLimit: GAS, to, data }));
    let sent = 1;
    const rateOf = async (count: number): Promise<number> => {
      const transactions = Array.from({ length: count }, transfer);
      const startMs = performance.now();
      for (let at = 0; at < count; at += MESSAGE) net.submit(transactions.slice(at, at + MESSAGE));
      sent += count;
      await until("all are final", () => final === sent, WAIT_MS);
      return count / ((performance.now() - startMs) / 1_000);
    };
    const justStarted = await rateOf(FIRST);
    await rateOf(WARM_UP);
    return { justStarted, warm: await rateOf(TRANSFERS) };
  } finally {
    await net.stop();
  }
}
