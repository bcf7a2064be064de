import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Signer } from "@gridledger/protocol/crypto/suite";
import { type Chain, decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { readKeyFile } from "../../hub/src/cli/key-file.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A network as `npm start` makes it, in a home of its own, without the bridge. */
export interface BenchNetwork {
  readonly home: string;
  readonly url: string;
  readonly mqttUrl: string;
  readonly chain: Chain;
  /** The key of the enrolled device that stands in the genesis. */
  readonly device: Signer;
  /** Process ids by name: hub, validator-1 … */
  readonly pids: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

export async function startBenchNetwork(suite: string): Promise<BenchNetwork> {
  const home = mkdtempSync(join(tmpdir(), "gridledger-bench-"));
  const [httpPort, mqttPort] = [await freePort(), await freePort()];
  const child = spawn(
    process.execPath,
    [
      ...[join(root, "hub/bin/gridledger.js"), "start", "--json", "--no-bridge"],
      ...["--home", home, "--suite", suite],
      ...["--http-port", String(httpPort), "--mqtt-port", String(mqttPort)],
    ],
    { stdio: ["ignore", "pipe", "inherit"], cwd: root },
  );
  const pids = new Map<string, number>();
  const { url, mqttUrl } = await untilReady(child, pids);
  const chain = decodeGenesis(readFileSync(join(home, "genesis.cbor")));
  const device = await readKeyFile(chain.suite, join(home, "keys", "bridge.page"));
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  return { home, url, mqttUrl, chain, device, pids, stop };
}

function untilReady(
  child: ChildProcess,
  pids: Map<string, number>,
): Promise<{ url: string; mqttUrl: string }> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) =>
      reject(new Error(`the network ended with ${code} while it started`)),
    );
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const event = JSON.parse(line);
      if (event.event === "process-ready") pids.set(event.name, event.pid);
      if (event.event === "ready") resolve(event);
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === "object" && address !== null ? address.port : 0),
      );
    });
  });
}

/** User and system time of a process in seconds; Linux counts hundredths. */
export function cpuSecondsOf(pid: number): number {
  const behindName = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  return (Number(behindName[11]) + Number(behindName[12])) / 100;
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? Number.NaN) * 1_024;
}
