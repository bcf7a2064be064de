import { CborReader } from "@gridledger/protocol/cbor/reader";
import { CborWriter } from "@gridledger/protocol/cbor/writer";
import {
  decodeAccountBinding,
  encodeAccountBinding,
} from "@gridledger/protocol/contracts/account-binding";
import { formatAddress, parseAddress } from "@gridledger/protocol/contracts/address";
import { decodeContractCall, encodeContractCall } from "@gridledger/protocol/contracts/call";
import {
  NO_CONTRACT_SET,
  readContractSet,
  writeContractSet,
} from "@gridledger/protocol/contracts/contract-set";
import { decodeDeployment, encodeDeployment } from "@gridledger/protocol/contracts/deployment";
import {
  decodeCarried,
  decodeEthereumTransaction,
  encodeCarried,
} from "@gridledger/protocol/contracts/ethereum-transaction";
import {
  DEFAULT_GAS_POLICY,
  readGasPolicy,
  writeGasPolicy,
} from "@gridledger/protocol/contracts/gas-policy";
import { keccak256 } from "@gridledger/protocol/contracts/keccak";
import { decodeReceipt, encodeReceipt } from "@gridledger/protocol/contracts/receipt";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import {
  encodeCancelOrder,
  encodePlaceOrder,
  readOrderCall,
} from "@gridledger/protocol/market/calls";
import { readMarketNews } from "@gridledger/protocol/market/market-news";
import { readStatePath, writeStatePath } from "@gridledger/protocol/merkle/path-codec";
import type { StatePath } from "@gridledger/protocol/merkle/state-path";
import {
  decodeContractAnswer,
  encodeContractAnswer,
} from "@gridledger/protocol/messages/contract-answer";
import {
  decodeContractEvents,
  encodeContractEvents,
} from "@gridledger/protocol/messages/contract-events";
import {
  type ContractQuestion,
  decodeContractQuery,
  encodeContractQuery,
} from "@gridledger/protocol/messages/contract-query";
import {
  decodeGetContractEvents,
  encodeGetContractEvents,
} from "@gridledger/protocol/messages/get-contract-events";
import { decodeGetSnapshot, encodeGetSnapshot } from "@gridledger/protocol/messages/get-snapshot";
import { decodeSnapshot, encodeSnapshot } from "@gridledger/protocol/messages/snapshot";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { blockHash, encodedHeader, handover, seal } from "./chain-samples.ts";
import type { Target } from "./fuzz.ts";

const address = new Uint8Array(20).fill(7);
const data = new Uint8Array(36).fill(1);
const questions: readonly ContractQuestion[] = [
  { about: "receipts", height: 7, from: 2 },
  { about: "account", address },
  { about: "standing", identityId: new Uint8Array(10).fill(3) },
  { about: "slot", address, slot: blockHash },
  { about: "call", from: address, to: address, data, gasLimit: 50_000 },
];
const account = privateKeyToAccount(`0x${"11".repeat(32)}`);
const plain = { chainId: 7, nonce: 3, gas: 50_000n, to: formatAddress(address) as Hex } as const;
const accessList = [{ address: plain.to, storageKeys: [`0x${"22".repeat(32)}` as const] }];
/** One of each type, as viem writes them. */
const rawTransactions = await Promise.all([
  account.signTransaction({ ...plain, type: "legacy", gasPrice: 5n, data: "0x1234" }),
  account.signTransaction({ ...plain, type: "eip2930", gasPrice: 0n, accessList }),
  account.signTransaction({ ...plain, type: "eip1559", maxFeePerGas: 9n, accessList }),
]);
const order = {
  ...{ clientId: "order-1", meter: "M1", isBuy: false, interval: 7 },
  ...{ quantityWh: 250, price: 12 },
} as const;
const parts = [
  { kind: "leaf", hash: blockHash },
  { kind: "branch", hash: blockHash },
] as const;

const statePaths: readonly StatePath[] = [
  { siblings: [blockHash, blockHash] },
  { siblings: [], other: { keyHash: blockHash, valueHash: blockHash } },
  { siblings: [], other: { keyHash: blockHash, valueHash: blockHash, ownRoot: blockHash } },
];
const orderCancelled = formatHex(keccak256(Buffer.from("OrderCancelled(uint32,bytes32,address)")));

const contracts = (file: string, name: string): string => `protocol/src/contracts/${file}#${name}`;
const message = (file: string, name: string): string => `protocol/src/messages/${file}#${name}`;

/** Contracts, what is asked of them, and snapshots of the state they write to. */
export const contractTargets: Readonly<Record<string, Target>> = {
  address: {
    covers: [contracts("address", "parseAddress")],
    samples: [Buffer.from(formatAddress(address))],
    run: (bytes) => {
      parseAddress(Buffer.from(bytes).toString("latin1"));
      return undefined;
    },
  },
  contractCall: {
    covers: [contracts("call", "decodeContractCall")],
    samples: [encodeContractCall({ gasLimit: 50_000, to: address, data })],
    run: (bytes) => encodeContractCall(decodeContractCall(bytes)),
  },
  accountBinding: {
    covers: [contracts("account-binding", "decodeAccountBinding")],
    samples: [
      encodeAccountBinding({ address, proof: new Uint8Array(65).fill(3) }),
      encodeAccountBinding({ address, proof: undefined }),
    ],
    run: (bytes) => encodeAccountBinding(decodeAccountBinding(bytes)),
  },
  carried: {
    covers: [contracts("ethereum-transaction", "decodeCarried")],
    samples: [encodeCarried(data)],
    run: (bytes) => encodeCarried(decodeCarried(bytes)),
  },
  ethereumTransaction: {
    covers: [contracts("ethereum-transaction", "decodeEthereumTransaction")],
    samples: rawTransactions.map((raw) => Buffer.from(raw.slice(2), "hex")),
    run: (bytes) => {
      decodeEthereumTransaction(bytes);
      return undefined;
    },
  },
  deployment: {
    covers: [contracts("deployment", "decodeDeployment")],
    samples: [encodeDeployment({ gasLimit: 90_000, initCode: data })],
    run: (bytes) => encodeDeployment(decodeDeployment(bytes)),
  },
  gasPolicy: {
    covers: [contracts("gas-policy", "readGasPolicy")],
    samples: [
      writeGasPolicy(new CborWriter(), DEFAULT_GAS_POLICY).finish(),
      writeGasPolicy(new CborWriter(), { ...DEFAULT_GAS_POLICY, takesSecp256k1: true }).finish(),
      writeGasPolicy(new CborWriter(), { ...DEFAULT_GAS_POLICY, maxStorageSlots: 5 }).finish(),
    ],
    run: (bytes) => {
      const reader = new CborReader(bytes);
      const policy = readGasPolicy(reader);
      reader.end();
      return writeGasPolicy(new CborWriter(), policy).finish();
    },
  },
  contractSet: {
    covers: [contracts("contract-set", "readContractSet")],
    samples: [
      writeContractSet(new CborWriter(), NO_CONTRACT_SET).finish(),
      writeContractSet(new CborWriter(), {
        meterIntervalMs: 60_000,
        placed: [{ address, version: 1, code: data }],
      }).finish(),
    ],
    run: (bytes) => {
      const reader = new CborReader(bytes);
      const set = readContractSet(reader);
      reader.end();
      return writeContractSet(new CborWriter(), set).finish();
    },
  },
  contractReceipt: {
    covers: [contracts("receipt", "decodeReceipt")],
    samples: [
      encodeReceipt({
        ...{ index: 3, outcome: "success", gasUsed: 21_000, contract: address, output: data },
        ...{ outputBytes: 36, logs: [{ address, topics: [blockHash, blockHash], data }] },
      }),
    ],
    run: (bytes) => encodeReceipt(decodeReceipt(bytes)),
  },
  contractQuery: {
    covers: [message("contract-query", "decodeContractQuery")],
    samples: questions.map((question) => encodeContractQuery({ id: 9, question })),
    run: (bytes) => encodeContractQuery(decodeContractQuery(bytes)),
  },
  contractAnswer: {
    covers: [message("contract-answer", "decodeContractAnswer")],
    samples: [encodeContractAnswer({ id: 9, height: 70, items: [data, blockHash] })],
    run: (bytes) => encodeContractAnswer(decodeContractAnswer(bytes)),
  },
  getSnapshot: {
    covers: [message("get-snapshot", "decodeGetSnapshot")],
    samples: [encodeGetSnapshot({ height: 70, depth: 3, index: 5 })],
    run: (bytes) => encodeGetSnapshot(decodeGetSnapshot(bytes)),
  },
  snapshot: {
    covers: [message("snapshot", "decodeSnapshot")],
    samples: [
      encodeSnapshot({
        ...{ form: "outline", encodedHeader, seal, handovers: [handover], depth: 1 },
        parts,
      }),
      encodeSnapshot({ form: "part", height: 70, index: 1, entries: [[data, blockHash]] }),
    ],
    run: (bytes) => encodeSnapshot(decodeSnapshot(bytes)),
  },
  contractEvents: {
    covers: [message("contract-events", "decodeContractEvents")],
    samples: [
      encodeContractEvents({
        ...{ address, from: { height: 3, index: 0 }, next: { height: 9, index: 2 } },
        events: [
          { height: 4, index: 0, txIndex: 1, topics: [], data },
          { height: 9, index: 1, txIndex: 0, topics: [blockHash, blockHash], data },
        ],
      }),
    ],
    run: (bytes) => encodeContractEvents(decodeContractEvents(bytes)),
  },
  getContractEvents: {
    covers: [message("get-contract-events", "decodeGetContractEvents")],
    samples: [encodeGetContractEvents({ address, from: { height: 70_000, index: 3 } })],
    run: (bytes) => encodeGetContractEvents(decodeGetContractEvents(bytes)),
  },
  statePath: {
    covers: ["readStatePath", "readOptional"].map(
      (name) => `protocol/src/merkle/path-codec#${name}`,
    ),
    samples: statePaths.map((path) => writeStatePath(new CborWriter(), path).finish()),
    run: (bytes) => {
      const reader = new CborReader(bytes);
      const path = readStatePath(reader);
      reader.end();
      return writeStatePath(new CborWriter(), path).finish();
    },
  },
  marketNews: {
    covers: ["protocol/src/market/market-news#readMarketNews"],
    samples: [Buffer.concat([Buffer.from(orderCancelled, "hex"), ...Array(3).fill(blockHash)])],
    run: (bytes) => {
      const word = (at: number) => `0x${formatHex(bytes.subarray(32 * at, 32 * at + 32))}`;
      const topics = Array.from({ length: Math.min(4, Math.ceil(bytes.length / 32)) }, (_, i) =>
        word(i),
      );
      const news = {
        height: 1,
        index: 0,
        txIndex: 0,
        topics,
        data: `0x${formatHex(bytes.subarray(128))}`,
      };
      if (readMarketNews(news as never) === undefined) throw new Fault("CONTRACT_SHAPE");
      return undefined;
    },
  },
  orderCall: {
    covers: ["protocol/src/market/calls#readOrderCall"],
    samples: [encodeCancelOrder("order-1"), encodePlaceOrder(order)],
    run: (bytes) => {
      if (readOrderCall(bytes) === undefined) throw new Fault("CONTRACT_SHAPE");
      return undefined;
    },
  },
};
