import { type ChildProcess, spawn } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatHex } from "@gridledger/protocol/hex";
import { type Status, verifyStatus } from "@gridledger/protocol/messages/status";
import { encodeTransactions } from "@gridledger/protocol/messages/transactions";
import { filters, topics } from "@gridledger/protocol/topics";
import { MqttLink } from "../../edge-node/src/transport/mqtt-link.ts";
import { Broker } from "../../hub/src/broker/broker.ts";
import { processArguments, processEnvironment } from "../../hub/src/cli/process-script.ts";
import { network, type Person, suite } from "./support.ts";

/** A validator as its own process, as a network's own validators run. */
export class Validator {
  readonly home: string;
  readonly lines: string[] = [];
  #child: ChildProcess | undefined;

  constructor(home: string) {
    this.home = home;
  }

  /** What the log says with this message, oldest first. */
  logged(message: string): Readonly<Record<string, unknown>>[] {
    return this.lines
      .filter((line) => line.includes(`"msg":"${message}"`))
      .map((line) => JSON.parse(line));
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when it says that it is ready. */
  async start(): Promise<void> {
    const config = join(this.home, "node.json");
    const child = spawn(process.execPath, [...processArguments("edge-node"), "--config", config], {
      env: { ...process.env, ...processEnvironment("edge-node") },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      let rest = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        this.lines.push(...lines);
        if (lines.some((line) => line.includes('"event":"ready"'))) resolve();
      });
      child.once("exit", (code) => reject(new Error(`exit ${code}: ${this.lines.join("\n")}`)));
    });
  }

  /** The exit code, or the signal. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return 0;
    const closed = once(child, "exit");
    child.kill(signal);
    const [code, by] = (await closed) as [number | null, NodeJS.Signals | null];
    return code ?? by ?? 0;
  }
}

/** A broker and four validator processes, and a device that submits to them. */
export async function startNetwork(
  options: Parameters<typeof network>[0] & { readonly engines?: readonly string[] } = {},
) {
  const { engines = [] } = options;
  const net = network(options);
  const { chain, validators, devices, hub } = net;
  const folder = await mkdtemp(join(tmpdir(), "gl-net-"));
  const identityOf = new Map(
    chain.genesis.identities.map((identity) => [
      formatHex(suite.hash(identity.publicKey).subarray(0, 10)),
      identity,
    ]),
  );
  const quiet = { info() {}, warn() {}, error() {} };
  const makeBroker = (at: number) =>
    new Broker(
      { identities: { find: (id: string) => identityOf.get(id) }, suite, log: quiet },
      { chainId: chain.chainId, host: "127.0.0.1", port: at },
    );
  let broker = makeBroker(0);
  const { port } = await broker.start();
  const url = `mqtt://127.0.0.1:${port}`;
  await writeFile(join(folder, "genesis.cbor"), chain.encoded);
  const nodes: Validator[] = [];
  const addNode = async ({ pkcs8 }: Person, settings: object = {}) => {
    const i = nodes.length;
    const home = join(folder, `v${i}`);
    await mkdir(home);
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
    await writeFile(join(home, "key.pem"), key.export({ format: "pem", type: "pkcs8" }), {
      mode: 0o600,
    });
    const config = {
      genesis: "../genesis.cbor",
      key: "key.pem",
      home: "data",
      brokers: [url],
      engines,
    };
    await writeFile(
      join(home, "node.json"),
      JSON.stringify({ ...config, name: `v${i}`, logLevel: "warn", ...settings }),
    );
    const node = new Validator(home);
    nodes.push(node);
    return node;
  };
  for (const validator of validators) await addNode(validator);
  const link = (who: Person) =>
    new MqttLink({ suite, signer: who.signer, chainId: chain.chainId }, { urls: [url] });
  const device = link(devices[0]!);
  const observer = link(hub);
  const statuses = new Map<string, Status>();
  const heartbeats = new Map<string, Uint8Array>();
  observer.subscribe(filters.statuses("test"), (topic, bytes) => {
    const id = topic.split("/").at(-1) ?? "";
    const publicKey = identityOf.get(id)!.publicKey;
    heartbeats.set(id, Uint8Array.from(bytes));
    statuses.set(id, verifyStatus(suite, publicKey, chain.chainId, bytes));
  });
  device.start();
  observer.start();
  const ownTopic = topics.transaction("test", formatHex(devices[0]!.id));
  return {
    ...net,
    nodes,
    url,
    device,
    observer,
    statuses,
    /** The last status of each node as it was sent. */
    heartbeats,
    /** One more node, whose key the broker lets in as a candidate. */
    addCandidate(who: Person, settings: object = {}) {
      const identity = { role: "candidate", publicKey: who.signer.publicKey, name: "new" } as const;
      identityOf.set(formatHex(who.id), identity);
      return addNode(who, settings);
    },
    /** The broker dies and another one comes at the same address. */
    async replaceBroker() {
      await broker.stop();
      broker = makeBroker(port);
      await broker.start();
    },
    submit: (encoded: readonly Uint8Array[]) =>
      device.publish(ownTopic, encodeTransactions(encoded)),
    async stop() {
      await Promise.all(nodes.map((node) => node.end("SIGKILL")));
      await device.stop();
      await observer.stop();
      await broker.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function until(what: string, isTrue: () => boolean, ms = 20_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
