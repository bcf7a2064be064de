import { fileURLToPath } from "node:url";
import { encodeAccountBinding } from "@gridledger/protocol/contracts/account-binding";
import { encodeContractCall } from "@gridledger/protocol/contracts/call";
import { encodeDeployment } from "@gridledger/protocol/contracts/deployment";
import { encodeCarried } from "@gridledger/protocol/contracts/ethereum-transaction";
import { decodeReceipt, type Receipt } from "@gridledger/protocol/contracts/receipt";
import { encodeIdentity } from "@gridledger/protocol/ledger/enrolment";
import { decodeGenesis, encodeGenesis, type Genesis } from "@gridledger/protocol/ledger/genesis";
import { genesisState } from "@gridledger/protocol/ledger/genesis-state";
import { kind } from "@gridledger/protocol/ledger/kinds";
import type { Role } from "@gridledger/protocol/ledger/roles";
import type { StateTree } from "@gridledger/protocol/merkle/state-tree";
import { type Abi, decodeFunctionResult, encodeDeployData, encodeFunctionData } from "viem";
import { type Execution, executeBlock } from "../../edge-node/src/state/executor.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { compileSolidity } from "../../hub/src/cli/contracts/compile-solidity.ts";
import { network, type Person, person, sign } from "../edge-node/support.ts";

export const GAS = 3_000_000;

const compiled = new Map<string, ReturnType<typeof compileSolidity>>();

/** A contract of `test/contracts/solidity`, compiled once a process. */
export function contract(file: string, name: string): { abi: Abi; bytecode: `0x${string}` } {
  const path = fileURLToPath(new URL(`./solidity/${file}`, import.meta.url));
  const known = compiled.get(path) ?? compileSolidity(path);
  compiled.set(path, known);
  const found = known.contracts.find((each) => each.name === name)!;
  const bytecode = `0x${Buffer.from(found.bytecode).toString("hex")}` as const;
  return { abi: found.abi as unknown as Abi, bytecode };
}

const bytes = (hex: string): Uint8Array => Buffer.from(hex.slice(2), "hex");

/** A chain of blocks that are only executed: state in, state out. */
export class ContractRig {
  readonly net = network();
  readonly chain: ReturnType<typeof network>["chain"];
  readonly app = person();
  tree: StateTree;
  height = 0;
  last!: Execution;
  #nonce = 0;

  constructor(change: Partial<Genesis> = {}) {
    const { genesis } = this.net.chain;
    const identity = (role: Role, who: Person) => ({
      role,
      publicKey: who.signer.publicKey,
      name: role,
    });
    this.chain = decodeGenesis(
      encodeGenesis({
        ...genesis,
        ...change,
        identities: [...genesis.identities, identity("application", this.app)],
      }),
    );
    this.tree = genesisState(this.chain);
  }

  deployment(who: Person, initCode: Uint8Array, gasLimit = GAS): Uint8Array {
    return this.#sign(who, kind.deployment, encodeDeployment({ gasLimit, initCode }));
  }

  call(who: Person, to: Uint8Array, data: Uint8Array, gasLimit = GAS): Uint8Array {
    return this.#sign(who, kind.contractCall, encodeContractCall({ gasLimit, to, data }));
  }

  /** A raw Ethereum transaction, brought by somebody. */
  carried(who: Person, raw: Uint8Array): Uint8Array {
    return this.#sign(who, kind.ethereum, encodeCarried(raw));
  }

  binding(who: Person, address: Uint8Array, proof: Uint8Array | undefined): Uint8Array {
    return this.#sign(who, kind.accountBinding, encodeAccountBinding({ address, proof }));
  }

  enrolled(role: Role): Person {
    const who = person();
    const payload = encodeIdentity({ role, publicKey: who.signer.publicKey, name: role });
    this.block([this.#sign(this.net.operator, kind.enrolment, payload)]);
    return who;
  }

  /** Executes a block; throws the fault of a transaction that may not stand in it. */
  block(encoded: readonly Uint8Array[], timeMs?: number): readonly Receipt[] {
    const transactions = encoded.map((each) => new PreparedTransaction(this.chain, each));
    const deps = { chain: this.chain, recent: { has: () => false } };
    const at = {
      height: this.height + 1,
      timeMs: timeMs ?? 1_800_000_000_000 + this.height * 1_000,
      parentHash: this.chain.suite.hash(Uint8Array.of(this.height)),
    };
    const outcome = executeBlock(deps, this.tree, at, transactions);
    if (outcome instanceof Error) throw outcome;
    this.tree = outcome.tree;
    this.height++;
    this.last = outcome;
    return outcome.receipts.map(decodeReceipt);
  }

  deploy(file: string, name: string, args: readonly unknown[] = [], who = this.app): Deployed {
    const { abi, bytecode } = contract(file, name);
    const initCode = bytes(encodeDeployData({ abi, bytecode, args }));
    const [receipt] = this.block([this.deployment(who, initCode)]);
    if (receipt?.contract == null) throw new Error(`not deployed: ${receipt?.outcome}`);
    return new Deployed(this, abi, receipt.contract);
  }

  #sign(who: Person, number: number, payload: Uint8Array): Uint8Array {
    const nonce = Buffer.alloc(4);
    nonce.writeUInt32BE(this.#nonce++);
    return sign(this.chain, who, payload, {
      kind: number,
      nonce,
      validUntilHeight: this.height + 100,
    });
  }
}

/** A contract on a rig, called by name. */
export class Deployed {
  readonly #rig: ContractRig;
  readonly abi: Abi;
  readonly address: Uint8Array;

  constructor(rig: ContractRig, abi: Abi, address: Uint8Array) {
    this.#rig = rig;
    this.abi = abi;
    this.address = address;
  }

  data(functionName: string, args: readonly unknown[] = []): Uint8Array {
    return bytes(encodeFunctionData({ abi: this.abi, functionName, args }));
  }

  /** One call in a block of its own. */
  send(functionName: string, args: readonly unknown[] = [], who = this.#rig.app): Receipt {
    return this.#rig.block([this.#rig.call(who, this.address, this.data(functionName, args))])[0]!;
  }

  /** What the call returned. */
  value(functionName: string, args: readonly unknown[] = [], who = this.#rig.app): unknown {
    const receipt = this.send(functionName, args, who);
    if (receipt.outcome !== "success") throw new Error(receipt.outcome);
    const data = `0x${Buffer.from(receipt.output).toString("hex")}` as const;
    return decodeFunctionResult({ abi: this.abi, functionName, data });
  }
}
