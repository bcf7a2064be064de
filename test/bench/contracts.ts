import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Common, Mainnet } from "@ethereumjs/common";
import { createEVM } from "@ethereumjs/evm";
import { SimpleStateManager } from "@ethereumjs/statemanager";
import { Address } from "@ethereumjs/util";
import { accounts, codes, slots } from "@gridledger/protocol/contracts/account";
import { addressOf } from "@gridledger/protocol/contracts/address";
import { stateKey } from "@gridledger/protocol/ledger/state";
import { machineOf } from "../../edge-node/src/contracts/machines.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { ContractRig, type Deployed } from "../contracts/support.ts";
import {
  type ContractNetwork,
  SUBJECTS,
  type Subject,
  startContractNetwork,
} from "./contract-network.ts";
import { type Figure, figure, median } from "./figure.ts";

const CALLS = 40;
const ROUNDS = 15;
/** A compiler that works while it runs needs so many rounds before a rate stays where it is. */
const WARM_UP_ROUNDS = 25;
/** Slots that are written at once where only their number counts. */
const FILL_SLOTS = 10_000;
const GAS = 100_000;

/** Milliseconds of CPU that the work took: the machine may be busy with others. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Calls a second of one core when executed in blocks, signatures and state roots included. */
function inBlocks(rig: ContractRig, contract: Deployed, data: Uint8Array, rounds = ROUNDS) {
  const rates: number[] = [];
  const shares: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const calls = Array.from({ length: CALLS }, () =>
      rig.call(rig.app, contract.address, data, GAS),
    );
    const runMs = cpuMs(() => rig.block(calls));
    const rootMs = cpuMs(() => rig.tree.root);
    rates.push(CALLS / ((runMs + rootMs) / 1_000));
    shares.push(rootMs / (runMs + rootMs));
  }
  return { rate: median(rates), rootShare: median(shares) };
}

/**
 * The same calls on the channel's machine alone, one after the other on one state in memory: nothing signed,
 * no blocks, no roots.
 */
function bare(rig: ContractRig, contract: Deployed, data: Uint8Array): number {
  const view = new StateView(rig.tree);
  const { publicKey } = rig.app.signer;
  const from = new Uint8Array(addressOf(rig.chain.suite.hash, publicKey));
  const sender = {
    id: rig.app.id,
    identity: { role: "application", publicKey, name: "" },
  } as const;
  const at = { height: 1, timeMs: 1_800_000_000_000, parentHash: new Uint8Array(32) };
  const message = { from, to: contract.address, data, gasLimit: GAS };
  const machine = machineOf(rig.chain);
  const rates: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const ms = cpuMs(() => {
      for (let i = 0; i < CALLS; i++) {
        const { outcome } = machine.run(view, { message, sender, at });
        if (outcome !== "success") throw new Error(outcome);
      }
    });
    if (round >= WARM_UP_ROUNDS) rates.push(CALLS / (ms / 1_000));
  }
  return median(rates);
}

/** The same calls on the library as it is published, awaited, its own state in memory. */
async function raw(rig: ContractRig, contract: Deployed, data: Uint8Array): Promise<number> {
  const view = new StateView(rig.tree);
  const { codeHash } = view.get(accounts, contract.address)!;
  const stateManager = new SimpleStateManager();
  const common = new Common({ chain: Mainnet, hardfork: "cancun" });
  const evm = await createEVM({ common, stateManager });
  const to = new Address(contract.address);
  const caller = new Address(
    new Uint8Array(addressOf(rig.chain.suite.hash, rig.app.signer.publicKey)),
  );
  await stateManager.putCode(to, view.get(codes, codeHash)!);
  for (const [key, value] of rig.tree.entries()) {
    if (
      key[0] === 0x73 &&
      key.length === 54 &&
      Buffer.compare(key.subarray(2, 22), contract.address) === 0
    ) {
      await stateManager.putStorage(to, key.slice(22), value);
    }
  }
  const rates: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < CALLS; i++) {
      const { execResult } = await evm.runCall({ caller, to, data, gasLimit: BigInt(GAS) });
      if (execResult.exceptionError !== undefined) throw new Error(execResult.exceptionError.error);
      await evm.journal.cleanup();
    }
    const { user, system } = process.cpuUsage(before);
    if (round >= WARM_UP_ROUNDS) rates.push(CALLS / ((user + system) / 1_000_000));
  }
  return median(rates);
}

/** Resident memory without what only waits to be collected. */
function residentBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().rss;
}

/** So many slots more, as one block after the other would write them. */
function fill(rig: ContractRig, contract: Deployed, from: number, to: number): void {
  for (let first = from; first < to; first += FILL_SLOTS) {
    const count = Math.min(FILL_SLOTS, to - first);
    const writes = Array.from({ length: count }, (_, i) => {
      const slot = new Uint8Array(32).fill(0xee, 0, 8);
      new DataView(slot.buffer).setUint32(28, first + i);
      const key = stateKey(slots.keyOf({ address: contract.address, slot }));
      return { key, value: Uint8Array.of(1, 2, 3) };
    });
    rig.tree = rig.tree.with(writes);
  }
  void rig.tree.root;
}

const SMALL_SLOTS = 1_000;

function counterRig() {
  const rig = new ContractRig();
  const contract = rig.deploy("Counter.sol", "Counter", [0n]);
  const data = contract.data("add", [1n]);
  fill(rig, contract, 0, SMALL_SLOTS);
  inBlocks(rig, contract, data, WARM_UP_ROUNDS);
  return { rig, contract, call: () => 1_000 / inBlocks(rig, contract, data, 1).rate };
}

/** Time of a call and memory as a contract's storage grows, in turns with a contract whose storage does not. */
function growth(): Figure[] {
  const [small, large] = [counterRig(), counterRig()];
  const figures: Figure[] = [];
  const before = residentBytes();
  let made = SMALL_SLOTS;
  for (const size of [SMALL_SLOTS, 10_000, 100_000, 1_000_000]) {
    fill(large.rig, large.contract, made, size);
    made = size;
    const grown = residentBytes() - before;
    const turns = Array.from({ length: 2 * ROUNDS }, () => [small.call(), large.call()] as const);
    const [few, many] = [median(turns.map(([ms]) => ms)), median(turns.map(([, ms]) => ms))];
    figures.push(figure(`call_ms_at_${size}_slots`, many, "ms", few));
    figures.push(figure(`rss_growth_at_${size}_slots`, grown / 1e6, "MB"));
  }
  return figures;
}

/** A rate and its limit, again and again: a shared machine is not as fast from one minute to the next. */
const TURNS = 5;
/** Each validator runs a transaction once, and they share the cores. */
const VALIDATORS = 4;

/** All that is measured of one contract's calls; medians of rates a second. */
interface CallRates {
  readonly library: number;
  readonly own: number;
  readonly inBlocks: number;
  readonly rootShare: number;
  readonly final: number;
}

async function ratesOf(
  network: ContractNetwork,
  rig: ContractRig,
  subject: Subject,
): Promise<CallRates> {
  const { file, name, args, call } = SUBJECTS[subject];
  const contract = rig.deploy(file, name, args);
  const data = contract.data(call[0], call[1]);
  inBlocks(rig, contract, data, WARM_UP_ROUNDS);
  const turns: CallRates[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const library = await raw(rig, contract, data);
    const final = await network.rate(subject);
    const own = bare(rig, contract, data);
    const { rate, rootShare } = inBlocks(rig, contract, data);
    turns.push({ library, final, own, inBlocks: rate, rootShare });
  }
  const of = (name: keyof CallRates) => median(turns.map((turn) => turn[name]));
  return {
    library: of("library"),
    own: of("own"),
    inBlocks: of("inBlocks"),
    rootShare: of("rootShare"),
    final: of("final"),
  };
}

/** The limit is the library as it is published: its rate on one core, by the executions that a core does. */
function figuresOf(subject: Subject, { library, own, inBlocks, final }: CallRates): Figure[] {
  const share = Math.min(1, availableParallelism() / VALIDATORS);
  return [
    figure(`raw_library_${subject}_per_s`, library, "calls/s"),
    figure(`raw_own_${subject}_per_s`, own, "calls/s", library),
    figure(`${subject}_per_cpu_s`, inBlocks, "calls/s", library),
    figure(`final_${subject}_per_s`, final, "calls/s", library * share),
  ];
}

export async function measureContracts(): Promise<readonly Figure[]> {
  const rig = new ContractRig();
  const network = await startContractNetwork();
  const figures: Figure[] = [];
  try {
    figures.push(figure("final_erc20_just_started", network.justStarted, "calls/s"));
    const erc20 = await ratesOf(network, rig, "erc20");
    figures.push(figure("state_root_share", 100 * erc20.rootShare, "%"));
    figures.push(...figuresOf("erc20", erc20));
    figures.push(...figuresOf("counter", await ratesOf(network, rig, "counter")));
  } finally {
    await network.stop();
  }
  return [...figures, ...growth()];
}
