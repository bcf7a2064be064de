import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accounts } from "@gridledger/protocol/contracts/account";
import { bindingText } from "@gridledger/protocol/contracts/account-binding";
import { evmChainId } from "@gridledger/protocol/contracts/address";
import { recoverAddress } from "@gridledger/protocol/contracts/ethereum-keys";
import {
  decodeEthereumTransaction,
  encodeCarried,
} from "@gridledger/protocol/contracts/ethereum-transaction";
import { DEFAULT_GAS_POLICY } from "@gridledger/protocol/contracts/gas-policy";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { encodeCertificateRecords } from "@gridledger/protocol/ledger/certificate-record";
import { decodeGenesis, encodeGenesis, takesSecp256k1 } from "@gridledger/protocol/ledger/genesis";
import { kind } from "@gridledger/protocol/ledger/kinds";
import { Transaction, Wallet } from "ethers";
import fc from "fast-check";
import { type Hex, keccak256, recoverTransactionAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { ethereum } from "../../edge-node/src/contracts/ethereum-call.ts";
import { Mempool } from "../../edge-node/src/mempool/mempool.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { StateView } from "../../edge-node/src/state/state-view.ts";
import { type Person, sign } from "../edge-node/support.ts";
import { ContractRig } from "./support.ts";

const bytes = (hex: string): Uint8Array => Buffer.from(hex.slice(2), "hex");

/** The code of the fault that the work ends in. */
function refusal(work: () => unknown): string | undefined {
  try {
    work();
  } catch (thrown) {
    return thrown instanceof Fault ? ((thrown.cause as Fault)?.code ?? thrown.code) : "no fault";
  }
  return undefined;
}

/** A rig with an Ethereum account that its application has bound. */
class Bound {
  readonly rig = new ContractRig();
  readonly account = privateKeyToAccount(generatePrivateKey());
  readonly chainId = evmChainId(this.rig.chain.chainId);

  proof(who: Person, account = this.account): Promise<Hex> {
    return account.signMessage({ message: bindingText(this.rig.chain.chainId, who.id) });
  }

  async bind(who = this.rig.app): Promise<this> {
    const proof = bytes(await this.proof(who));
    this.rig.block([this.rig.binding(who, bytes(this.account.address), proof)]);
    return this;
  }

  async raw(nonce: number, change: object = {}): Promise<Uint8Array> {
    const { chainId } = this;
    const plain = { chainId, nonce, gas: 100_000n, type: "legacy", gasPrice: 0n } as const;
    const to = `0x${"ab".repeat(20)}` as const;
    return bytes(await this.account.signTransaction({ ...plain, to, ...change }));
  }

  carry(raw: Uint8Array, by = this.rig.app) {
    return this.rig.block([this.rig.carried(by, raw)])[0]!;
  }
}

describe("a raw Ethereum transaction", () => {
  it("is read as both libraries wrote it, and its sender is told from its signature", async () => {
    const property = fc.asyncProperty(
      fc.record({
        type: fc.constantFrom(0, 1, 2),
        nonce: fc.nat(),
        gas: fc.bigInt(21_000n, 1n << 40n),
        chainId: fc.integer({ min: 1, max: 2 ** 47 }),
        data: fc.uint8Array({ maxLength: 300 }),
        fee: fc.bigInt(0n, 1n << 100n),
        isCreation: fc.boolean(),
        slots: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 3 }),
      }),
      async ({ type, nonce, gas, chainId, data, fee, isCreation, slots }) => {
        const wallet = Wallet.createRandom();
        const to = isCreation ? null : wallet.address;
        const list = [
          { address: wallet.address, storageKeys: slots.map((s) => `0x${formatHex(s)}`) },
        ];
        const price =
          type === 2 ? { maxFeePerGas: fee, maxPriorityFeePerGas: 1n } : { gasPrice: fee };
        const access = type === 0 ? {} : { accessList: list };
        const transaction = Transaction.from({
          ...{ type, nonce, chainId, to, gasLimit: gas, data: `0x${formatHex(data)}` },
          ...{ ...price, ...access },
        });
        const raw = await wallet.signTransaction(transaction);
        const read = decodeEthereumTransaction(bytes(raw));
        assert.equal(`0x${formatHex(read.hash)}`, keccak256(raw as Hex));
        const from = `0x${formatHex(recoverAddress(read.signingHash, read.signature))}`;
        assert.equal(from, wallet.address.toLowerCase());
        const byViem = await recoverTransactionAddress({
          serializedTransaction: raw as `0x02${string}`,
        });
        assert.equal(from, byViem.toLowerCase());
        assert.deepEqual(
          [read.type, read.nonce, read.chainId, BigInt(read.gasLimit), read.maxFee],
          [type, nonce, chainId, gas, fee],
        );
        assert.deepEqual(Buffer.from(read.data), Buffer.from(data));
        assert.equal(read.to === undefined, isCreation);
      },
    );
    await fc.assert(property, { numRuns: 12 });
  });

  it("runs for the identity that the account is bound to, with a receipt and its own address", async () => {
    const bound = await new Bound().bind();
    const counter = bound.rig.deploy("Counter.sol", "Counter", [5n]);
    const to = `0x${formatHex(counter.address)}`;
    const data = `0x${formatHex(counter.data("add", [2n]))}`;
    const raw = await bound.raw(0, { to, data });
    const receipt = bound.carry(raw, bound.rig.net.hub);
    assert.equal(receipt.outcome, "success");
    assert.equal(counter.value("count"), 7n);
    const state = new StateView(bound.rig.tree);
    const account = state.get(accounts, bytes(bound.account.address));
    assert.deepEqual([account?.nonce, account?.identityId], [1, new Uint8Array(bound.rig.app.id)]);
  });

  it("deploys at the address that every library computes", async () => {
    const bound = await new Bound().bind();
    const wallet = bound.account.address;
    const data = "0x600a600c600039600a6000f3602a60005260206000f3";
    const receipt = bound.carry(await bound.raw(0, { to: undefined, data }));
    const { getCreateAddress } = await import("ethers");
    const expected = getCreateAddress({ from: wallet, nonce: 0 }).toLowerCase();
    assert.equal(`0x${formatHex(receipt.contract ?? new Uint8Array())}`, expected);
  });

  it("uses its number also when it fails, so that it never happens twice", async () => {
    const bound = await new Bound().bind();
    const trouble = bound.rig.deploy("Trouble.sol", "Trouble");
    const to = `0x${formatHex(trouble.address)}`;
    const data = `0x${formatHex(trouble.data("forever"))}`;
    const raw = await bound.raw(0, { to, data });
    assert.equal(bound.carry(raw).outcome, "out of gas");
    assert.equal(
      refusal(() => bound.carry(raw)),
      "NONCE_STALE",
    );
    assert.equal(
      refusal(() => bound.carry(raw, bound.rig.net.hub)),
      "NONCE_STALE",
    );
    assert.equal(bound.carry(await bound.raw(1)).outcome, "success");
    const ahead = await bound.raw(3);
    assert.equal(
      refusal(() => bound.carry(ahead)),
      "NONCE_AHEAD",
    );
  });

  it("is refused with a code where it cannot be taken", async () => {
    const bound = new Bound();
    const plain = await bound.raw(0);
    assert.equal(
      refusal(() => bound.carry(plain)),
      "ACCOUNT_UNBOUND",
    );
    await bound.bind();
    const wrong: readonly [string, object][] = [
      ["ETHEREUM_CHAIN", { chainId: 1 }],
      ["ETHEREUM_VALUE", { value: 1n }],
      ["GAS_LIMIT", { gas: 20_999n }],
      ["GAS_LIMIT", { gas: 6_000_001n }],
      ["ETHEREUM_SHAPE", { chainId: undefined }],
    ];
    for (const [code, change] of wrong) {
      const raw = await bound.raw(0, change);
      assert.equal(
        refusal(() => bound.carry(raw)),
        code,
      );
    }
    const twice = Buffer.concat([plain, Uint8Array.of(0)]);
    assert.equal(
      refusal(() => bound.carry(twice)),
      "ETHEREUM_SHAPE",
    );
    // The same signature in its other form (EIP-2).
    const parsed = Transaction.from(`0x${formatHex(plain)}`);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = order - BigInt(parsed.signature!.s);
    const fields = bytes(parsed.signature!.s);
    const high = Buffer.from(formatHex(plain).replace(formatHex(fields), s.toString(16)), "hex");
    assert.equal(
      refusal(() => bound.carry(high)),
      "SIGNATURE_INVALID",
    );
  });

  it("pays for its access list and finds it warm", async () => {
    const bound = await new Bound().bind();
    const counter = bound.rig.deploy("Counter.sol", "Counter", [5n]);
    const to = `0x${formatHex(counter.address)}` as const;
    const data = `0x${formatHex(counter.data("count"))}`;
    const storageKeys = [`0x${"00".repeat(31)}01`];
    const type = "eip2930";
    const cold = bound.carry(await bound.raw(0, { to, data }));
    const list = [{ address: to, storageKeys }];
    const warm = bound.carry(await bound.raw(1, { to, data, type, accessList: list }));
    // EIP-2930: 2,400 and 1,900 beforehand, the slot 2,000 less when it is read.
    assert.equal(warm.gasUsed - cold.gasUsed, 2_400 + 1_900 - 2_000);
  });
});

describe("the binding of an account", () => {
  it("needs the account's own signature for this identity on this chain", async () => {
    const bound = new Bound();
    const { rig, account } = bound;
    const address = bytes(account.address);
    const foreign = bytes(await bound.proof(rig.net.operator));
    assert.equal(
      refusal(() => rig.block([rig.binding(rig.app, address, foreign)])),
      "ACCOUNT_PROOF",
    );
    const other = privateKeyToAccount(generatePrivateKey());
    const stolen = bytes(await bound.proof(rig.app, other));
    assert.equal(
      refusal(() => rig.block([rig.binding(rig.app, address, stolen)])),
      "ACCOUNT_PROOF",
    );
    await bound.bind();
    const again = bytes(await bound.proof(rig.net.operator));
    const rebind = () => rig.block([rig.binding(rig.net.operator, address, again)]);
    assert.equal(refusal(rebind), "ACCOUNT_BOUND");
  });

  it("ends when its identity says so, and comes back to no other, with its nonces", async () => {
    const bound = await new Bound().bind();
    const { rig, account } = bound;
    const address = bytes(account.address);
    bound.carry(await bound.raw(0));
    const release = (who: Person) => rig.block([rig.binding(who, address, undefined)]);
    assert.equal(
      refusal(() => release(rig.net.operator)),
      "ACCOUNT_UNBOUND",
    );
    release(rig.app);
    const next = await bound.raw(1);
    assert.equal(
      refusal(() => bound.carry(next)),
      "ACCOUNT_UNBOUND",
    );
    const taken = bytes(await bound.proof(rig.net.operator));
    const take = () => rig.block([rig.binding(rig.net.operator, address, taken)]);
    assert.equal(refusal(take), "ACCOUNT_BOUND");
    await bound.bind();
    assert.equal(bound.carry(next).outcome, "success");
  });

  it("is worth nothing once its identity is revoked, and a device may call but not deploy", async () => {
    const bound = new Bound();
    const { rig } = bound;
    const device = rig.enrolled("device");
    await bound.bind(device);
    const creation = await bound.raw(0, { to: undefined, data: "0x00" });
    assert.equal(
      refusal(() => bound.carry(creation)),
      "SENDER_ROLE",
    );
    bound.carry(await bound.raw(0));
    const record = {
      action: "revoked" as const,
      reason: "keyCompromise" as const,
      identityId: device.id,
      certificateKey: new Uint8Array(32),
      fingerprint: new Uint8Array(32),
    };
    const payload = encodeCertificateRecords([record]);
    const body = { kind: kind.certificates, validUntilHeight: rig.height + 10 };
    rig.block([sign(rig.chain, rig.net.operator, payload, body)]);
    const next = await bound.raw(1);
    assert.equal(
      refusal(() => bound.carry(next)),
      "IDENTITY_REVOKED",
    );
  });
});

describe("raw transactions in the pool", () => {
  it("wait for the numbers before them, whoever brings them, and only then are work", async () => {
    const bound = await new Bound().bind();
    const { rig } = bound;
    const head = () => ({
      ...{ height: rig.height, hash: rig.chain.chainId, timeMs: 0 },
      state: new StateView(rig.tree),
    });
    const dropped: string[] = [];
    const pool = new Mempool({
      ...{ chain: rig.chain, head, recent: { has: () => false } },
      ...{ clock: () => 0, now: () => 0 },
      onDropped: (_, { code }) => dropped.push(code),
    });
    const raws = await Promise.all([0, 1, 2].map((nonce) => bound.raw(nonce)));
    const carried = (nonce: number, by = rig.app) =>
      new PreparedTransaction(rig.chain, rig.carried(by, raws[nonce]!));
    const account = bound.account.address.toLowerCase();
    const code = (transaction: PreparedTransaction) => pool.add(transaction)?.code;
    assert.equal(code(carried(1)), undefined);
    assert.deepEqual([pool.hasWork, pool.waitingOf(account, account)], [false, 0]);
    assert.equal(code(carried(0, rig.net.hub)), undefined);
    assert.deepEqual([pool.hasWork, pool.waitingOf(account, account)], [true, 2]);
    assert.equal(code(carried(0)), "TX_REPLAYED");
    const other = await bound.raw(1, { data: "0x01" });
    assert.equal(
      code(new PreparedTransaction(rig.chain, rig.carried(rig.app, other))),
      "TX_REPLAYED",
    );
    assert.deepEqual(
      pool.take(1e9, 1e9).map(({ operation }) => operation.place?.sequence),
      [0, 1],
    );
    const far = await bound.raw(600);
    assert.equal(
      code(new PreparedTransaction(rig.chain, rig.carried(rig.app, far))),
      "NONCE_AHEAD",
    );
    // Others bring the same numbers into a block: what waited here has gone by.
    const final = [0, 1].map((nonce) => carried(nonce, rig.net.operator));
    rig.block(final.map(({ encoded }) => encoded));
    pool.onBlock(rig.height, final);
    assert.deepEqual(dropped, ["NONCE_STALE", "NONCE_STALE"]);
    assert.equal(code(carried(0)), "NONCE_STALE");
    assert.equal(code(carried(2)), undefined);
  });
});

describe("a channel of the suite sm", () => {
  const { genesis } = new ContractRig().chain;

  it("takes no secp256k1 unless its genesis says so", () => {
    const gas = { ...DEFAULT_GAS_POLICY, takesSecp256k1: true };
    const channel = (policy: typeof genesis.policy) => {
      const chain = decodeGenesis(encodeGenesis({ ...genesis, policy }));
      return { ...chain, genesis: { ...chain.genesis, suite: "sm" } };
    };
    const closed = channel(genesis.policy);
    const refused = () => ethereum.read(closed, encodeCarried(new Uint8Array(3)));
    assert.equal(refusal(refused), "ETHEREUM_REFUSED");
    assert.equal(takesSecp256k1(channel({ ...genesis.policy, gas })), true);
  });
});
