import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Common, Mainnet } from "@ethereumjs/common";
import { createEVM } from "@ethereumjs/evm";
import { SimpleStateManager } from "@ethereumjs/statemanager";
import { Account, Address, createZeroAddress } from "@ethereumjs/util";
import { accounts, codes, slots } from "@gridledger/protocol/contracts/account";
import { evmChainId } from "@gridledger/protocol/contracts/address";
import { keccak256 } from "@gridledger/protocol/contracts/keccak";
import { gasPolicyOf } from "@gridledger/protocol/ledger/genesis";
import { StateTree } from "@gridledger/protocol/merkle/state-tree";
import fc from "fast-check";
import { ContractMachine } from "../../edge-node/src/contracts/contract-machine.ts";
import { intrinsicGas } from "../../edge-node/src/contracts/intrinsic-gas.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { network, suite } from "../edge-node/support.ts";

const { chain } = network();
const GAS = 400_000;
const SLOTS = 6;
const CALLER = new Uint8Array(20).fill(0xca);
/** The program, one that it may call, and one that is not there. */
const [PROGRAM, OTHER, NOBODY] = [0xa0, 0xb0, 0xc0].map((byte) => new Uint8Array(20).fill(byte));
const AT = { height: 9, timeMs: 1_800_000_000_000, parentHash: new Uint8Array(32).fill(7) };

const push = (value: bigint): number[] => {
  const hex = value.toString(16);
  const bytes = [...Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex")];
  return [0x5f + bytes.length, ...bytes];
};
const number = (address: Uint8Array): bigint => BigInt(`0x${Buffer.from(address).toString("hex")}`);
const small = fc.integer({ min: 0, max: 300 }).map(BigInt);
const few = fc.integer({ min: 0, max: SLOTS - 1 }).map(BigInt);
const edge = fc.constantFrom(0n, 1n, 2n, 31n, 255n, 2n ** 255n, 2n ** 256n - 1n, 2n ** 64n);
const any = fc.oneof(edge, small, fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }));
const size = fc.oneof({ weight: 30, arbitrary: small }, { weight: 1, arbitrary: any });
const gas = fc.constantFrom(0n, 700n, 5_000n, 60_000n, 2n ** 64n);
const target = fc.constantFrom(
  ...[PROGRAM, OTHER, NOBODY, CALLER].map((one) => number(one!)),
  ...[1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n],
);
const money = fc.constantFrom(0n, 0n, 0n, 1n);

/** An instruction with what it takes, pushed before it: the last is on top. */
const of = (codesOf: readonly number[], ...takes: readonly fc.Arbitrary<bigint>[]) =>
  fc
    .tuple(fc.constantFrom(...codesOf), ...takes)
    .map(([code, ...values]) => [...values.reverse().flatMap(push), code]);

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Every instruction of Cancun, in its families. */
const instructions: readonly fc.Arbitrary<number[]>[] = [
  of([0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0a, 0x0b], any, any),
  of([0x08, 0x09], any, any, any),
  of([0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1b, 0x1c, 0x1d], any, any),
  of([0x15, 0x19], any),
  of([0x20], size, size),
  of([0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, ...range(0x41, 0x48), 0x4a]),
  of([0x31, 0x3b, 0x3f], target),
  of([0x35, 0x40, 0x49], any),
  of([0x37, 0x39, 0x3e, 0x5e], size, size, size),
  of([0x3c], target, size, size, size),
  of([0x51], size),
  of([0x52, 0x53], size, any),
  of([0x54, 0x5c], few),
  of([0x55, 0x5d], few, any),
  of([0x50, 0x58, 0x59, 0x5a, 0x5b, 0x5f]),
  of(range(0x80, 0x9f)),
  of(range(0xa0, 0xa4), size, size, any, any, any, any),
  of([0xf1, 0xf2], gas, target, money, size, size, size, size),
  of([0xf4, 0xfa], gas, target, size, size, size, size),
  of([0xf0], money, size, size),
  of([0xf5], money, size, size, any),
];
const ends = fc.oneof(
  of([0x00, 0xfe, 0x0c, 0x56]),
  of([0xf3, 0xfd], size, size),
  of([0xff], target),
);

/** Straight on, with jumps forward over a part, taken or not, and some to where none may be. */
const part = fc
  .tuple(
    fc.array(fc.oneof(...instructions), { minLength: 1, maxLength: 12 }),
    fc.option(fc.tuple(fc.constantFrom(0n, 1n), fc.integer({ min: 0, max: 20 })), { freq: 3 }),
  )
  .map(([body, jump]) => ({ bytes: body.flat(), jump }));
const program = fc.tuple(fc.array(part, { minLength: 1, maxLength: 5 }), ends).map(assemble);

function assemble([parts, end]: readonly [
  readonly { bytes: number[]; jump: readonly [bigint, number] | null }[],
  number[],
]): Uint8Array {
  const code: number[] = [];
  for (const { bytes, jump } of parts) {
    if (jump !== null) {
      const [isTaken, off] = jump;
      const to = code.length + 6 + bytes.length + (off === 20 ? 1 : 0);
      // PUSH1 flag, PUSH2 destination, JUMPI, over the part to its JUMPDEST.
      code.push(0x60, Number(isTaken), 0x61, to >> 8, to & 255, 0x57, ...bytes, 0x5b);
    } else code.push(...bytes);
  }
  return Uint8Array.from([...code, ...end]);
}

const word = (value: number) => {
  const bytes = new Uint8Array(32);
  bytes[31] = value;
  return bytes;
};

async function published(code: Uint8Array, other: Uint8Array, data: Uint8Array) {
  const stateManager = new SimpleStateManager();
  const common = new Common({
    chain: { ...Mainnet, chainId: evmChainId(chain.chainId) },
    ...{ hardfork: "cancun", eips: [7951] },
  });
  const evm = await createEVM({ common, stateManager });
  for (const [address, bytes] of [[PROGRAM!, code] as const, [OTHER!, other] as const]) {
    await stateManager.putAccount(new Address(address), new Account(1n));
    await stateManager.putCode(new Address(address), bytes);
    await stateManager.putStorage(new Address(address), word(1), Uint8Array.of(5));
  }
  for (const each of [CALLER, PROGRAM!]) {
    evm.journal.addAlwaysWarmAddress(new Address(each).toString());
  }
  for (const each of evm.precompiles.keys()) evm.journal.addAlwaysWarmAddress(each);
  const intrinsic = intrinsicGas({ to: PROGRAM, data });
  const { execResult } = await evm.runCall({
    ...{ caller: new Address(CALLER), to: new Address(PROGRAM!), data },
    gasLimit: BigInt(GAS - intrinsic),
    block: {
      header: {
        ...{ number: BigInt(AT.height), timestamp: BigInt(AT.timeMs / 1_000) },
        ...{ prevRandao: AT.parentHash, gasLimit: BigInt(gasPolicyOf(chain).maxBlockGas) },
        ...{ coinbase: createZeroAddress(), difficulty: 0n, baseFeePerGas: 0n },
        getBlobGasPrice: () => 1n,
      },
    },
  });
  const spent = intrinsic + Number(execResult.executionGasUsed);
  const refund = Math.min(Number(execResult.gasRefund ?? 0n), Math.floor(spent / 5));
  const isFine = execResult.exceptionError === undefined;
  const kept: string[] = [];
  for (const address of [PROGRAM!, OTHER!]) {
    for (let slot = 0; slot < SLOTS; slot++) {
      kept.push(hex(await stateManager.getStorage(new Address(address), word(slot))));
    }
    kept.push(String((await stateManager.getAccount(new Address(address)))?.nonce));
  }
  return {
    ...{ isFine, gasUsed: spent - refund, output: hex(execResult.returnValue) },
    logs: isFine ? (execResult.logs ?? []).map((log) => log.flat().map(hex).join(" ")) : [],
    kept,
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const sender = {
  id: new Uint8Array(10),
  identity: { role: "device", publicKey: new Uint8Array(33), name: "" },
} as const;

function ours(machine: ContractMachine, code: Uint8Array, other: Uint8Array, data: Uint8Array) {
  const before = new StateView(new StateTree(suite.hash));
  for (const [address, bytes] of [[PROGRAM!, code] as const, [OTHER!, other] as const]) {
    const codeHash = keccak256(bytes);
    before.set(codes, codeHash, bytes);
    before.set(accounts, address, { nonce: 1, codeHash, identityId: sender.id });
    before.set(slots, { address, slot: word(1) }, Uint8Array.of(5));
  }
  const view = new StateView(before.commit().tree);
  const message = { from: CALLER, to: PROGRAM!, data, gasLimit: GAS };
  const result = machine.run(view, { message, sender, at: AT });
  const kept = [PROGRAM!, OTHER!].flatMap((address) => [
    ...Array.from({ length: SLOTS }, (_, slot) =>
      hex(view.get(slots, { address, slot: word(slot) }) ?? new Uint8Array(0)),
    ),
    String(view.get(accounts, address)?.nonce),
  ]);
  return {
    ...{ isFine: result.outcome === "success", gasUsed: result.gasUsed },
    output: hex(result.output),
    // The machine's arrays are of another context: these are ours.
    logs: Array.from(result.logs, ({ address, topics, data: said }) =>
      [address, ...topics, said].map(hex).join(" "),
    ),
    kept,
  };
}

describe("the machine beside the library as it is published", () => {
  const machine = new ContractMachine(chain);

  it("keeps what a contract did before it asked for its own end, where it was there before (EIP-6780)", async () => {
    const createsAndEnds = Buffer.from("600060006000f06006ff", "hex");
    const nothing = new Uint8Array(0);
    const mine = ours(machine, createsAndEnds, nothing, nothing);
    assert.equal(mine.kept[SLOTS], "2", "the number of what it created");
    assert.deepEqual(mine, await published(createsAndEnds, nothing, nothing));
  });

  it("property: any program of any instructions ends the same, at the same gas, with the same logs and slots", async () => {
    const outcomes = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(program, program, fc.uint8Array({ maxLength: 70 }), async (a, b, data) => {
        const mine = ours(machine, a, b, data);
        outcomes.add(mine.isFine);
        assert.deepEqual(mine, await published(a, b, data));
      }),
      { numRuns: Number(process.env.PROGRAMS ?? 150) },
    );
    assert.equal(outcomes.size, 2, "some succeed and some do not");
  });
});
