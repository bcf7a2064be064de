import type { Common } from "@ethereumjs/common";
import type { EVM, EVMMockBlockchainInterface, EVMResult } from "@ethereumjs/evm";
import { evmChainId } from "@gridledger/protocol/contracts/address";
import type { AccessEntry } from "@gridledger/protocol/contracts/ethereum-transaction";
import { DEFAULT_MAX_STORAGE_SLOTS } from "@gridledger/protocol/contracts/gas-policy";
import { meterCalendar } from "@gridledger/protocol/contracts/meter-calendar";
import type { ContractResult, Log } from "@gridledger/protocol/contracts/receipt";
import { Fault } from "@gridledger/protocol/faults";
import { type Chain, gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import { recentHash } from "../state/recent-hashes.ts";
import type { StateReader, StateView } from "../state/state-view.ts";
import type { BlockPlace, Sender } from "../state/transaction-kind.ts";
import { type EvmLibrary, loadEvmLibrary } from "./evm-library.ts";
import { intrinsicGas } from "./intrinsic-gas.ts";
import { outcomeOf } from "./outcome.ts";
import { precompilesOf } from "./precompiles/precompiles.ts";
import { World } from "./world.ts";

const NO_HASH = new Uint8Array(32);
const MAX_REFUND_QUOTIENT = 5; // EIP-3529

/** What is to run: a call, or a creation where `to` is undefined. */
export interface Message {
  readonly from: Uint8Array;
  readonly to: Uint8Array | undefined;
  readonly data: Uint8Array;
  readonly gasLimit: number;
  /** What is warm from the start (EIP-2930). */
  readonly accessList?: readonly AccessEntry[];
}

/** Who stands behind a message: contracts can ask for the role. */
export interface Run {
  readonly message: Message;
  readonly sender: Sender;
  readonly at: BlockPlace;
}

/**
 * The contract machine of a channel (guide §4.3): Ethereum's, on our state, under our precompiles.
 * Nothing in it depends on the clock, on randomness or on the order of anything but transactions:
 * TIMESTAMP is the block's time, PREVRANDAO is the parent's hash, BLOCKHASH knows the
 * 256 blocks that the state remembers.
 */
export class ContractMachine {
  readonly #chain: Chain;
  readonly #library: EvmLibrary;
  readonly #world: World;
  readonly #evm: EVM;
  #at: BlockPlace = { height: 0, timeMs: 0, parentHash: NO_HASH };
  #sender: Sender | undefined;
  #state: StateReader = { get: () => undefined };

  constructor(chain: Chain) {
    this.#chain = chain;
    this.#library = loadEvmLibrary();
    this.#world = new World(this.#library);
    this.#evm = this.#assemble();
  }

  /** Runs the message and carries what it changed into the view; one that failed changes nothing. */
  run(view: StateView, { message, sender, at }: Run): ContractResult {
    this.#at = at;
    this.#sender = sender;
    this.#state = view;
    this.#world.begin(view);
    const gasLimit = message.gasLimit - intrinsicGas(message);
    const result = this.#execute(message, gasLimit);
    if (result === undefined) return { ...failed, gasUsed: message.gasLimit };
    const outcome = this.#resultOf(message, result);
    const more = this.#world.moreSlots;
    const { maxStorageSlots = DEFAULT_MAX_STORAGE_SLOTS } = gasPolicyOf(this.#chain);
    if (more > 0 && view.slots + more > maxStorageSlots) {
      return { ...failed, outcome: "storage full", gasUsed: outcome.gasUsed };
    }
    this.#world.flush(view, sender.id);
    view.countSlots(more);
    return outcome;
  }

  /** Undefined where the library itself failed: the same on every node, so that it is recorded. */
  #execute(message: Message, gasLimit: number): EVMResult | undefined {
    const evm = this.#evm;
    const { util, finish } = this.#library;
    try {
      return finish(
        () => this.#start(message, gasLimit),
        ({ execResult }) => {
          const { selfdestruct, createdAddresses } = execResult;
          for (const address of selfdestruct?.keys() ?? []) {
            // EIP-6780: only what this transaction created can go.
            if (createdAddresses?.has(address) !== true) continue;
            this.#world.deleteAccount(new util.Address(util.hexToBytes(address)));
          }
          return evm.journal.cleanup();
        },
      );
    } catch (thrown) {
      if (thrown instanceof Fault) throw thrown;
      evm.journal.cleanJournal();
      return undefined;
    }
  }

  #start(message: Message, gasLimit: number): Promise<EVMResult> {
    const { util } = this.#library;
    const evm = this.#evm;
    const caller = new util.Address(message.from);
    const to = message.to && new util.Address(message.to);
    evm.transientStorage.clear();
    evm.journal.addAlwaysWarmAddress(caller.toString());
    if (to !== undefined) evm.journal.addAlwaysWarmAddress(to.toString());
    for (const address of evm.precompiles.keys()) evm.journal.addAlwaysWarmAddress(address);
    for (const { address, slots } of message.accessList ?? []) {
      const text = util.bytesToHex(address);
      evm.journal.addAlwaysWarmAddress(text);
      for (const slot of slots) evm.journal.addAlwaysWarmSlot(text, util.bytesToHex(slot));
    }
    return evm.runCall({
      caller,
      ...(to === undefined ? {} : { to }),
      data: message.data,
      gasLimit: BigInt(gasLimit),
      block: { header: this.#header() },
    });
  }

  #resultOf(message: Message, { execResult, createdAddress }: EVMResult): ContractResult {
    const spent = intrinsicGas(message) + Number(execResult.executionGasUsed);
    const refund = Math.min(
      Number(execResult.gasRefund ?? 0n),
      Math.floor(spent / MAX_REFUND_QUOTIENT),
    );
    const outcome = outcomeOf(execResult.exceptionError);
    const isCreation = message.to === undefined;
    const output = isCreation && outcome === "success" ? NO_OUTPUT : execResult.returnValue;
    return {
      outcome,
      gasUsed: spent - refund,
      contract: isCreation && outcome === "success" ? (createdAddress?.bytes ?? null) : null,
      output,
      outputBytes: output.length,
      logs: outcome === "success" ? (execResult.logs ?? []).map(toLog) : [],
    };
  }

  #assemble(): EVM {
    const { evm, common } = this.#library;
    const { machine } = gasPolicyOf(this.#chain);
    const rules = new common.Common({
      chain: { ...common.Mainnet, chainId: evmChainId(this.#chain.chainId) },
      hardfork: machine,
      eips: [7951], // P-256 verification, as RIP-7212
    });
    remember(rules);
    const place = {
      world: this.#world,
      sender: () => this.#sender!,
      state: () => this.#state,
      hash: this.#chain.suite.hash,
      calendar: meterCalendar(this.#chain),
    };
    return new evm.EVM({
      common: rules,
      stateManager: this.#world.asManager,
      blockchain: {
        getBlock: (height: number) => ({
          hash: () => recentHash(this.#state, this.#at, height) ?? NO_HASH,
        }),
        putBlock: () => undefined,
        shallowCopy(): never {
          throw new Error("there is one chain");
        },
      } as unknown as EVMMockBlockchainInterface,
      bn254: new evm.NobleBN254(),
      customPrecompiles: precompilesOf(this.#library, place),
    });
  }

  #header() {
    const { util } = this.#library;
    return {
      number: BigInt(this.#at.height),
      timestamp: BigInt(Math.floor(this.#at.timeMs / 1_000)),
      prevRandao: this.#at.parentHash,
      gasLimit: BigInt(gasPolicyOf(this.#chain).maxBlockGas),
      coinbase: util.createZeroAddress(),
      difficulty: 0n,
      baseFeePerGas: 0n,
      getBlobGasPrice: () => 1n,
    };
  }
}

/** The machine asks several times a step whether a rule is in force; the answer never changes. */
function remember(rules: Common): void {
  const known = new Map<number, boolean>();
  const ask = rules.isActivatedEIP.bind(rules);
  rules.isActivatedEIP = (eip) => {
    let isActive = known.get(eip);
    if (isActive === undefined) {
      isActive = ask(eip);
      known.set(eip, isActive);
    }
    return isActive;
  };
}

const NO_OUTPUT = new Uint8Array(0);
const failed: ContractResult = {
  outcome: "failed",
  gasUsed: 0,
  contract: null,
  output: NO_OUTPUT,
  outputBytes: 0,
  logs: [],
};

function toLog([address, topics, data]: [Uint8Array, Uint8Array[], Uint8Array]): Log {
  return { address, topics, data };
}
