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
const MEASURED = 1_800;
const MESSAGE = 50;
const GAS = 100_000;
/** The measurement is over long before. */
const LAST_HEIGHT = 1_000;
const WAIT_MS = 240_000;
const TO = "0x00000000000000000000000000000000000000aa";
const bytes = (hex: string): Uint8Array => Buffer.from(hex.slice(2), "hex");

/** What is called: a contract that counts, and a token of the kind of ERC-20. */
export const SUBJECTS = {
  counter: { file: "Counter.sol", name: "Counter", args: [0n], call: ["add", [1n]] },
  erc20: { file: "Token.sol", name: "Token", args: [10n ** 18n], call: ["transfer", [TO, 1n]] },
} as const;
export type Subject = keyof typeof SUBJECTS;

/** Four validator processes and a broker on this machine, and the contracts on them. */
export interface ContractNetwork {
  /** Transfers that became final in a second while the processes were new. */
  readonly justStarted: number;
  /** Calls that become final in a second. */
  rate(subject: Subject): Promise<number>;
  stop(): Promise<void>;
}

export async function startContractNetwork(): Promise<ContractNetwork> {
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
      const body = { kind: number, nonce: own, validUntilHeight: LAST_HEIGHT };
      return sign(net.chain, net.operator, payload, body);
    };
    const own = addressOf(suite.hash, net.operator.signer.publicKey);
    const from = `0x${Buffer.from(own).toString("hex")}` as const;
    let sent = 0;
    const deployed = async (subject: Subject) => {
      const { file, name, args, call } = SUBJECTS[subject];
      const { abi, bytecode } = contract(file, name);
      const initCode = bytes(encodeDeployData({ abi, bytecode, args }));
      net.submit([signed(kind.deployment, encodeDeployment({ gasLimit: 3_000_000, initCode }))]);
      const to = bytes(getContractAddress({ from, nonce: BigInt(sent) }));
      sent++;
      await until(`the ${subject}`, () => final === sent, WAIT_MS);
      const [functionName, values] = call;
      const data = bytes(encodeFunctionData({ abi, functionName, args: values }));
      return () => signed(kind.contractCall, encodeContractCall({ gasLimit: GAS, to, data }));
    };
    const calls = { counter: await deployed("counter"), erc20: await deployed("erc20") };
    const rateOf = async (count: number, subject: Subject): Promise<number> => {
      const transactions = Array.from({ length: count }, calls[subject]);
      const startMs = performance.now();
      for (let at = 0; at < count; at += MESSAGE) net.submit(transactions.slice(at, at + MESSAGE));
      sent += count;
      await until("all are final", () => final === sent, WAIT_MS);
      return count / ((performance.now() - startMs) / 1_000);
    };
    const justStarted = await rateOf(FIRST, "erc20");
    await rateOf(WARM_UP, "erc20");
    return {
      justStarted,
      rate: (subject) => rateOf(MEASURED, subject),
      stop: () => net.stop(),
    };
  } catch (thrown) {
    await net.stop();
    throw thrown;
  }
}
