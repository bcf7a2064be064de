import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { PasswordHasher } from "@gridledger/protocol/access/password-hasher";
import { formatRpcUsers } from "@gridledger/protocol/access/rpc-users";
import { bindingText, encodeAccountBinding } from "@gridledger/protocol/contracts/account-binding";
import { kind } from "@gridledger/protocol/ledger/kinds";
import {
  type CallExceptionError,
  type Contract,
  ContractFactory,
  type EventLog,
  FetchRequest,
  getAddress,
  isCallException,
  JsonRpcProvider,
  Wallet,
} from "ethers";
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  getContract,
  http,
  parseEventLogs,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { contract } from "../contracts/support.ts";
import { startNetwork, until } from "../edge-node/processes.ts";
import { sign } from "../edge-node/support.ts";

const PASSWORD = "a password of some length";
const POLL_MS = 50;
const SUPPLY = 1_000n;
const { abi, bytecode } = contract("Token.sol", "Token");
const friend = `0x${"00".repeat(19)}aa` as const;

describe("programs of Ethereum on a validator's RPC, with a name and a password", () => {
  let net: Awaited<ReturnType<typeof startNetwork>>;
  let folder: string;
  let url: string;
  let nonce = 0;

  const authorization = `Basic ${Buffer.from(`ann:${PASSWORD}`).toString("base64")}`;
  const ask = async (body: unknown, header = authorization) => {
    const headers = { "content-type": "application/json", authorization: header };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    return response.json();
  };
  const call = async (method: string, ...params: unknown[]) =>
    (await ask({ jsonrpc: "2.0", id: 1, method, params })) as {
      result?: unknown;
      error?: { code: number; message: string; data: unknown };
    };

  /** The operator takes the account as its own. */
  const bind = async (account: { address: string; proof: (text: string) => Promise<string> }) => {
    const proof = await account.proof(bindingText(net.chain.chainId, net.operator.id));
    const payload = encodeAccountBinding({
      address: Buffer.from(account.address.slice(2), "hex"),
      proof: Buffer.from(proof.slice(2), "hex"),
    });
    const body = { kind: kind.accountBinding, nonce: Uint8Array.of(nonce++) };
    const encoded = Buffer.from(sign(net.chain, net.operator, payload, body));
    const height = async () => Number((await call("eth_blockNumber")).result);
    const at = await height();
    assert.ok((await call("gl_submitTransaction", encoded.toString("base64url"))).result);
    while ((await height()) === at) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "gl-eth-"));
    const users = join(folder, "rpc-users.json");
    const passwordHash = await new PasswordHasher().hash(PASSWORD);
    const user = (name: string, methods: string[]) => ({ name, passwordHash, methods, tokens: [] });
    const text = formatRpcUsers([user("ann", ["*"]), user("bob", ["@ethereum-read"])]);
    await writeFile(users, text, { mode: 0o600 });
    net = await startNetwork({ validators: 1, policy: { maxBatchDelayMs: 10 } });
    const [node] = net.nodes;
    const path = join(node!.home, "node.json");
    const config = JSON.parse(await readFile(path, "utf8")) as object;
    const rpc = { port: 0, users, requestsPerSecond: 1_000 };
    await writeFile(path, JSON.stringify({ ...config, rpc }));
    await node!.start();
    await until("the RPC is open", () => node!.lines.some((line) => line.includes('"rpc"')));
    const opened = node!.lines.find((line) => line.includes('"event":"rpc"')) ?? "{}";
    url = `http://127.0.0.1:${(JSON.parse(opened) as { port: number }).port}/`;
  });
  after(async () => {
    await net.stop();
    await rm(folder, { recursive: true });
  });

  it("ethers deploys, calls, waits, reads logs and learns why a call was refused", async () => {
    const request = new FetchRequest(url);
    request.setCredentials("ann", PASSWORD);
    request.allowInsecureAuthentication = true;
    const provider = new JsonRpcProvider(request, undefined, { pollingInterval: POLL_MS });
    const wallet = new Wallet(generatePrivateKey(), provider);
    try {
      await bind({ address: wallet.address, proof: (message) => wallet.signMessage(message) });
      const factory = new ContractFactory(abi as never, bytecode, wallet);
      const token = (await (await factory.deploy(SUPPLY)).waitForDeployment()) as Contract;
      assert.equal(await token.getFunction("balanceOf")(wallet.address), SUPPLY);
      const seen: bigint[] = [];
      await token.on("Transfer", (_from, _to, value: bigint) => seen.push(value));
      const sent = await token.getFunction("transfer")(friend, 30n);
      const receipt = await sent.wait();
      assert.equal(receipt.status, 1);
      assert.equal((await provider.getTransaction(sent.hash))?.from, wallet.address);
      const block = await provider.getBlock(receipt.blockNumber, true);
      assert.deepEqual(block?.transactions, [sent.hash]);
      assert.equal((await provider.getBlock(block!.hash!))?.number, receipt.blockNumber);
      const logs = await token.queryFilter("Transfer", 0);
      const { args } = logs.at(-1) as EventLog;
      assert.deepEqual([...args], [wallet.address, getAddress(friend), 30n]);
      await until("the event is heard of", () => seen.length > 0);
      assert.deepEqual(seen, [30n]);
      await token.removeAllListeners();
      const tooMuch = token.getFunction("transfer").staticCall(friend, 5_000n);
      await assert.rejects(tooMuch, (error: Error) => {
        assert.ok(isCallException(error as never));
        return (error as CallExceptionError).revert?.name === "ERC20InsufficientBalance";
      });
      // Several at once: each gets the next number.
      const three = await Promise.all(
        [1n, 2n, 3n].map(async (value, i) =>
          token.getFunction("transfer")(friend, value, { nonce: 2 + i, gasLimit: 100_000n }),
        ),
      );
      await Promise.all(three.map((one) => one.wait()));
      assert.equal(await token.getFunction("balanceOf")(friend), 36n);
      const late = wallet.sendTransaction({ to: friend, nonce: 0, gasLimit: 21_000n });
      await assert.rejects(late, { code: "NONCE_EXPIRED" });
    } finally {
      provider.destroy();
    }
  });

  it("viem does the same", async () => {
    const account = privateKeyToAccount(generatePrivateKey());
    const transport = http(url, { fetchOptions: { headers: { Authorization: authorization } } });
    const chainId = Number((await call("eth_chainId")).result);
    const nativeCurrency = { name: "none", symbol: "NONE", decimals: 18 };
    const rpcUrls = { default: { http: [url] } };
    const chain = defineChain({ id: chainId, name: "test", nativeCurrency, rpcUrls });
    const reader = createPublicClient({ chain, transport, pollingInterval: POLL_MS });
    const writer = createWalletClient({ account, chain, transport });
    await bind({
      address: account.address,
      proof: (message) => account.signMessage({ message }),
    });
    const hash = await writer.deployContract({ abi, bytecode, args: [SUPPLY] });
    const deployed = await reader.waitForTransactionReceipt({ hash });
    const address = deployed.contractAddress!;
    const token = getContract({ address, abi, client: { public: reader, wallet: writer } });
    const heard: unknown[] = [];
    const stop = reader.watchContractEvent({
      ...{ address, abi, eventName: "Transfer" },
      onLogs: (logs) => heard.push(...logs),
    });
    await new Promise((resolve) => setTimeout(resolve, 4 * POLL_MS));
    const sent = await token.write.transfer!([friend, 7n]);
    const receipt = await reader.waitForTransactionReceipt({ hash: sent });
    const [log] = parseEventLogs({ abi, logs: receipt.logs });
    assert.deepEqual((log as unknown as { args: { value: bigint } }).args.value, 7n);
    assert.equal(await token.read.balanceOf!([friend]), 7n);
    assert.equal(await token.read.balanceOf!([friend], { blockNumber: receipt.blockNumber }), 7n);
    const past = await reader.getLogs({ address, fromBlock: 0n });
    assert.equal(past.at(-1)?.transactionHash, sent);
    await until("the event is heard of", () => heard.length === 1);
    stop();
    await assert.rejects(
      token.simulate.transfer!([friend, 9_999n], { account }),
      (error: unknown) => {
        assert.ok(error instanceof BaseError);
        const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
        const { data } = reverted as ContractFunctionRevertedError;
        return data?.errorName === "ERC20InsufficientBalance";
      },
    );
    const fetched = await reader.getTransaction({ hash: sent });
    assert.deepEqual([fetched.from, fetched.nonce], [account.address.toLowerCase(), 1]);
  });

  it("a reader may not send, and every refusal has a number that libraries know", async () => {
    const bob = `Basic ${Buffer.from(`bob:${PASSWORD}`).toString("base64")}`;
    const batch = ["eth_blockNumber", "eth_sendRawTransaction", "gl_status"].map((method, id) => ({
      ...{ jsonrpc: "2.0", id, method },
      params: method === "eth_sendRawTransaction" ? ["0x00"] : [],
    }));
    const answers = (await ask(batch, bob)) as { error?: { data: { code: string } } }[];
    assert.deepEqual(
      answers.map(({ error }) => error?.data.code),
      [undefined, "RPC_METHOD_DENIED", "RPC_METHOD_DENIED"],
    );
    const raw = async (transaction: string) => {
      const { error } = await call("eth_sendRawTransaction", transaction);
      return (error?.data as { code?: string } | undefined)?.code;
    };
    assert.equal(await raw("0x1234"), "ETHEREUM_SHAPE");
    const stranger = new Wallet(generatePrivateKey());
    const chainId = BigInt((await call("eth_chainId")).result as string);
    const plain = { to: friend, nonce: 0, gasLimit: 21_000n, gasPrice: 0n, type: 0 };
    assert.equal(
      await raw(await stranger.signTransaction({ ...plain, chainId })),
      "ACCOUNT_UNBOUND",
    );
    assert.equal(
      await raw(await stranger.signTransaction({ ...plain, chainId: 1n })),
      "ETHEREUM_CHAIN",
    );
    const wide = await call("eth_getLogs", { fromBlock: "0x0", toBlock: "0xffffff" });
    assert.deepEqual(Array.isArray(wide.result), true);
    assert.equal((await call("eth_getBalance", friend, "latest")).result, "0x0");
    assert.equal((await call("eth_getBlockByNumber", "0xffff", false)).result, null);
    assert.equal((await call("eth_call", { to: "nonsense" })).error?.code, -32_602);
    assert.equal((await call("eth_getFilterChanges", "0x1")).error?.message, "filter not found");
  });
});
