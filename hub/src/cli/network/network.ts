import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import type { Chain } from "@gridledger/protocol/ledger/genesis";
import type { ProcessKind } from "../process-script.ts";
import { freePort } from "./free-port.ts";
import { type Home, validatorName } from "./home.ts";
import { ManagedProcess, type ProcessEnd } from "./managed-process.ts";
import type { Report } from "./network-event.ts";
import { isPermanentFault } from "./permanent-faults.ts";
import { writeBridgeConfig, writeHubConfig, writeValidatorConfig } from "./process-configs.ts";
import type { ProcessEvent } from "./process-event.ts";
import { transportFiles } from "./provision-tls.ts";
import { forgetRunning, saveRunning } from "./running.ts";
import type { NetworkSettings } from "./settings.ts";
import { Waiting } from "./waiting.ts";

const READY_WITHIN_MS = 30_000;
/** All processes end within 5 s of Ctrl-C: one that does not by then is killed. */
const STOP_GRACE_MS = 4_000;
/** The hub stops last, so that the others can still say good-bye. */
const HUB_AFTER_MS = 1_500;

interface NetworkDeps {
  readonly home: Home;
  readonly chain: Chain;
  readonly report: Report;
  /** The hub cannot run: there is no network any more. */
  readonly onLost: (fault: Fault) => void;
}

interface NetworkOptions {
  readonly settings: NetworkSettings;
  readonly bridge: boolean;
}

type HubReady = Extract<ProcessEvent, { event: "ready" }>;

/** The processes of a small network on one machine. */
export class Network {
  readonly #deps: NetworkDeps;
  readonly #options: NetworkOptions;
  readonly #processes = new Map<string, ManagedProcess>();
  readonly #waiting = new Waiting<HubReady>();
  readonly #startedMs = new Map<string, number>();
  /** With the ports that are really used. */
  #settings: NetworkSettings;
  #brokerUrl = "";
  #url = "";
  #busPort = 0;
  #stopping: Promise<void> | undefined;

  constructor(deps: NetworkDeps, options: NetworkOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#settings = options.settings;
  }

  /** Where the hub answers. */
  get url(): string {
    return this.#url;
  }

  /** @throws Fault PROCESS_DOWN or the hub's own */
  async start(): Promise<void> {
    const begunMs = Date.now();
    const { home, report } = this.#deps;
    writeHubConfig(home, this.#settings);
    await this.#launch("hub", "hub");
    const names = Array.from({ length: this.#settings.validators }, (_, i) => validatorName(i));
    await Promise.allSettled(names.map((name) => this.#launch(name, "edge-node")));
    if (this.#options.bridge) {
      this.#busPort = await freePort();
      await this.#launch("bridge", "firmware-bridge").catch(() => undefined);
    }
    if (this.#stopping !== undefined) return;
    report({ event: "ready", url: this.#url, mqttUrl: this.#brokerUrl, ms: Date.now() - begunMs });
  }

  /** Stops all processes; the second call returns what the first does. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** Ends all processes without asking. */
  kill(): void {
    for (const process of this.#processes.values()) process.kill();
  }

  async #stopAll(): Promise<void> {
    const { hub, others } = this.#byRole();
    this.#waiting.rejectAll(new Fault("PROCESS_DOWN", "the network is stopping"));
    const othersStopped = Promise.all(others.map((process) => process.stop(STOP_GRACE_MS)));
    const patience = new Promise<void>((resolve) => setTimeout(resolve, HUB_AFTER_MS).unref());
    await Promise.race([othersStopped, patience]);
    await Promise.all([othersStopped, hub?.stop(STOP_GRACE_MS - HUB_AFTER_MS)]);
    forgetRunning(this.#deps.home);
  }

  #byRole() {
    const all = [...this.#processes.values()];
    return {
      hub: this.#processes.get("hub"),
      others: all.filter((process) => process.name !== "hub"),
    };
  }

  /** Starts a process and waits until it is ready. */
  async #launch(name: string, kind: ProcessKind): Promise<void> {
    if (this.#stopping !== undefined) return;
    const { home, report } = this.#deps;
    report({ event: "process-starting", name });
    const process = new ManagedProcess(
      {
        onEvent: (event) => this.#onEvent(name, event),
        onEnd: (end) => this.#onEnd(name, end),
        onRestart: (delayMs) => {
          this.#startedMs.set(name, Date.now());
          report({ event: "process-restarting", name, delayMs });
        },
      },
      { name, kind, configPath: home.config(name), logPath: home.log(name) },
    );
    this.#processes.set(name, process);
    this.#startedMs.set(name, Date.now());
    if (name !== "hub") this.#writeConfig(name);
    const ready = this.#waiting.until(name, READY_WITHIN_MS, () => this.#late(name));
    process.start();
    await ready;
  }

  /** A validator that is late is waited for no longer, but goes on starting. */
  #late(name: string): Fault {
    const { home, report } = this.#deps;
    const fault = new Fault("PROCESS_DOWN", `${name} is not ready yet; its log: ${home.log(name)}`);
    report({ event: "warning", detail: fault.message });
    return fault;
  }

  #writeConfig(name: string): void {
    const { home } = this.#deps;
    const places = { brokerUrl: this.#brokerUrl, busPort: this.#busPort };
    if (name === "bridge") writeBridgeConfig(home, this.#settings, places);
    else writeValidatorConfig(home, name, this.#settings, places);
  }

  #onEvent(name: string, event: ProcessEvent): void {
    if (event.event === "operator-password") {
      this.#deps.report(event);
      return;
    }
    if (name === "hub") this.#onHubReady(event);
    const ms = Date.now() - (this.#startedMs.get(name) ?? Date.now());
    const pid = this.#processes.get(name)?.pid ?? null;
    const height = event.height ?? null;
    this.#deps.report({ event: "process-ready", name, pid, height, ms });
    this.#waiting.resolve(name, event);
    this.#saveRunning();
  }

  /** Learns the ports the hub really has, and keeps them for its restarts; the others must hear of them. */
  #onHubReady(ready: HubReady): void {
    const { home } = this.#deps;
    const wanted = this.#settings;
    const { httpPort = wanted.httpPort, mqttPort = wanted.mqttPort } = ready;
    const { mqttsPort = wanted.mqttsPort } = ready;
    this.#sayTaken("http", wanted.httpPort, httpPort);
    this.#sayTaken("mqtt", wanted.mqttPort, mqttPort);
    if (wanted.tls) this.#sayTaken("mqtts", wanted.mqttsPort, mqttsPort);
    this.#settings = { ...wanted, httpPort, mqttPort, mqttsPort };
    writeHubConfig(home, this.#settings);
    const host = connectHost(wanted.host);
    // Not the hub's own URL: nobody can open http://0.0.0.0.
    this.#url = `${wanted.tls ? "https" : "http"}://${host}:${httpPort}`;
    const brokerUrl = wanted.tls ? `mqtts://${host}:${mqttsPort}` : `mqtt://${host}:${mqttPort}`;
    if (brokerUrl === this.#brokerUrl) return;
    this.#brokerUrl = brokerUrl;
    for (const process of this.#byRole().others) {
      this.#writeConfig(process.name);
      process.restart();
    }
  }

  #sayTaken(service: "http" | "mqtt" | "mqtts", wanted: number, used: number): void {
    if (wanted !== used) this.#deps.report({ event: "port-taken", service, wanted, used });
  }

  #onEnd(name: string, { code, signal, error }: ProcessEnd): boolean {
    const { home, report } = this.#deps;
    report({ event: "process-ended", name, code, signal, error: error ?? null });
    this.#saveRunning();
    if (error === undefined || !isPermanentFault(error.code)) return true;
    const log = home.log(name);
    const fault = new Fault(
      "PROCESS_DOWN",
      `${name} does not start: ${error.code} ${error.detail}`,
    );
    report({ event: "process-refused", name, code: error.code!, detail: error.detail, log });
    this.#waiting.reject(name, fault);
    if (name === "hub" && this.#url !== "") this.#deps.onLost(fault);
    return false;
  }

  #saveRunning(): void {
    if (this.#stopping !== undefined) return;
    const processes = [...this.#processes.values()].flatMap(({ name, pid }) =>
      pid === undefined ? [] : [{ name, pid }],
    );
    saveRunning(this.#deps.home, {
      pid: process.pid,
      url: this.#url,
      mqttUrl: this.#brokerUrl,
      authorities: this.#settings.tls ? transportFiles(this.#deps.home, "hub").authorities : null,
      processes,
    });
  }
}

/** Where processes of this machine reach a server that listens on `host`. */
function connectHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

export function describeHome(home: Home, chain: Chain, isNew: boolean): Parameters<Report>[0] {
  return {
    event: "home",
    home: home.root,
    isNew,
    chainId: formatHex(chain.chainId),
    suite: chain.genesis.suite,
    validators: chain.validators.length,
  };
}
