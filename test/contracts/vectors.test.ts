import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Common, Mainnet } from "@ethereumjs/common";
import { RLP } from "@ethereumjs/rlp";
import { MerkleStateManager } from "@ethereumjs/statemanager";
import { Account, Address } from "@ethereumjs/util";
import { accounts, codes, slots } from "@gridledger/protocol/contracts/account";
import { keccak256 } from "@gridledger/protocol/contracts/keccak";
import { formatHex } from "@gridledger/protocol/hex";
import { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { ContractMachine } from "../../edge-node/src/contracts/contract-machine.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { network, suite } from "../edge-node/support.ts";

const FOLDER = new URL("../vectors/evm/", import.meta.url);
const NOBODY = new Uint8Array(10);

interface Vector {
  readonly env: {
    readonly currentNumber: string;
    readonly currentTimestamp: string;
    readonly currentRandom: string;
  };
  readonly pre: Record<
    string,
    { balance: string; code: string; nonce: string; storage: Record<string, string> }
  >;
  readonly transaction: {
    readonly data: readonly string[];
    readonly gasLimit: readonly string[];
    readonly gasPrice: string;
    readonly sender: string;
    readonly to: string;
    readonly value: readonly string[];
  };
  readonly post: {
    readonly Cancun: readonly {
      readonly hash: string;
      readonly logs: string;
      readonly indexes: { readonly data: number; readonly gas: number; readonly value: number };
    }[];
  };
}

const bytes = (hex: string): Uint8Array => {
  const digits = hex.slice(2);
  return new Uint8Array(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex"));
};
const word = (hex: string): Uint8Array => {
  const padded = new Uint8Array(32);
  const value = bytes(hex);
  padded.set(value, 32 - value.length);
  return padded;
};
const short = (value: Uint8Array): Uint8Array => {
  const start = value.findIndex((byte) => byte !== 0);
  return start === -1 ? new Uint8Array(0) : value.slice(start);
};

/** The state before, as our machine holds it: everything but money, of which there is none here. */
function stateOf({ pre }: Vector): StateView {
  const view = new StateView(new StateTree(suite.hash));
  for (const [address, { code, nonce, storage }] of Object.entries(pre)) {
    const codeBytes = bytes(code);
    const codeHash = codeBytes.length === 0 ? codeBytes : keccak256(codeBytes);
    const account = { nonce: Number(nonce), codeHash, identityId: NOBODY };
    view.set(accounts, bytes(address), account);
    if (codeBytes.length > 0) view.set(codes, codeHash, codeBytes);
    for (const [slot, value] of Object.entries(storage)) {
      view.set(slots, { address: bytes(address), slot: word(slot) }, short(word(value)));
    }
  }
  return view;
}

/** Ethereum's own root over what our machine left behind, with the money put back. */
async function rootOf(
  { pre, transaction }: Vector,
  state: StateTree,
  money: ReadonlyMap<string, bigint>,
): Promise<string> {
  const common = new Common({ chain: Mainnet, hardfork: "cancun" });
  const manager = new MerkleStateManager({ common });
  const view = new StateView(state);
  for (const [text, { balance }] of Object.entries(pre)) {
    const address = new Address(bytes(text));
    const { nonce, codeHash } = view.get(accounts, bytes(text))!;
    const owned = BigInt(balance) + (money.get(text) ?? 0n);
    await manager.putAccount(address, new Account(BigInt(nonce), owned));
    if (codeHash.length > 0) await manager.putCode(address, view.get(codes, codeHash)!);
  }
  for (const [key, value] of state.entries()) {
    if (key[0] !== 0x73 || key[1] !== 0x2f) continue;
    await manager.putStorage(new Address(key.slice(2, 22)), key.slice(22), value);
  }
  assert.ok(transaction.sender in pre);
  return `0x${formatHex(await manager.getStateRoot())}`;
}

/**
 * The first contract of the log vectors stands at 0x100, where this chain, as Ethereum from Osaka on
 * (EIP-7951), has P-256 verification.
 */
function callsP256(data: string, folder: string): boolean {
  return folder === "vmLogTest" && BigInt(`0x${data.slice(10)}`) === 0n;
}

describe("ethereum/tests vectors, for Cancun", () => {
  const machine = new ContractMachine(network().chain);
  const sender = {
    id: NOBODY,
    identity: { role: "device", publicKey: new Uint8Array(33), name: "" },
  } as const;

  for (const folder of ["vmArithmeticTest", "vmLogTest"]) {
    for (const file of readdirSync(new URL(folder, FOLDER))) {
      const vectors: Record<string, Vector> = JSON.parse(
        readFileSync(new URL(`${folder}/${file}`, FOLDER), "utf8"),
      );
      for (const [name, vector] of Object.entries(vectors)) {
        it(`${folder}/${name}: state root, gas and logs`, async () => {
          const { transaction, env } = vector;
          for (const { hash, logs, indexes } of vector.post.Cancun) {
            if (callsP256(transaction.data[indexes.data]!, folder)) continue;
            const { tree } = stateOf(vector).commit();
            const view = new StateView(tree);
            const message = {
              from: bytes(transaction.sender),
              to: bytes(transaction.to),
              data: bytes(transaction.data[indexes.data]!),
              gasLimit: Number(transaction.gasLimit[indexes.gas]),
            };
            const at = {
              height: Number(env.currentNumber),
              timeMs: Number(env.currentTimestamp) * 1_000,
              parentHash: bytes(env.currentRandom),
            };
            const result = machine.run(view, { message, sender, at });
            const price = BigInt(transaction.gasPrice);
            const value =
              result.outcome === "success" ? BigInt(transaction.value[indexes.value]!) : 0n;
            const money = new Map([
              [transaction.sender, -BigInt(result.gasUsed) * price - value],
              [transaction.to, value],
            ]);
            const encodedLogs = result.logs.map(({ address, topics, data }) => [
              address,
              [...topics],
              data,
            ]);
            assert.equal(`0x${formatHex(keccak256(RLP.encode(encodedLogs)))}`, logs);
            assert.equal(await rootOf(vector, view.commit().tree, money), hash);
          }
        });
      }
    }
  }
});
