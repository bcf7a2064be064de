import type { Telemetry } from "@gridledger/protocol/messages/telemetry";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { ChainStatus } from "../feed/chain-status.ts";

interface BrokerStats {
  readonly connections: number;
  readonly messagesIn: number;
  readonly bytesIn: number;
  readonly deliveries: number;
  readonly dropped: number;
  /** By fault code. */
  readonly refusals: Readonly<Partial<Record<string, number>>>;
}

interface MetricsDeps {
  readonly status: Pick<ChainStatus, "status" | "isSynced">;
  readonly spooled: () => number;
  readonly streams: () => number;
  readonly broker: () => BrokerStats;
  /** What the nodes last said of themselves. */
  readonly nodes: () => readonly {
    readonly name: string;
    readonly telemetry: Telemetry | undefined;
  }[];
}

/** A gauge by its name after `gridledger_`, its help, and where its value comes from. */
type Reading<Source> = readonly [name: string, help: string, of: (source: Source) => number];

const chainReadings: readonly Reading<Awaited<ReturnType<ChainStatus["status"]>>>[] = [
  ["height", "Height of the last indexed block", ({ height }) => height],
  ["transactions_total", "Final transactions", ({ transactions }) => transactions],
  ["readings_total", "Final readings", ({ readings }) => readings],
  ["meters", "Meters that have sent readings", ({ meters }) => meters],
  ["validators", "Validators of the set", ({ validators }) => validators.total],
  ["validators_online", "Validators whose heartbeats come", ({ validators }) => validators.online],
  [
    "block_interval_seconds",
    "Mean time between the blocks of the last minute, 0 while there are none",
    ({ rates }) => (rates.blockIntervalMs ?? 0) / 1_000,
  ],
];

const brokerReadings: readonly Reading<BrokerStats>[] = [
  ["broker_connections", "MQTT connections", ({ connections }) => connections],
  ["broker_messages_in_total", "MQTT messages taken", ({ messagesIn }) => messagesIn],
  ["broker_bytes_in_total", "MQTT bytes read", ({ bytesIn }) => bytesIn],
  ["broker_deliveries_total", "MQTT messages given to subscribers", ({ deliveries }) => deliveries],
  ["broker_dropped_total", "Deliveries dropped for slow subscribers", ({ dropped }) => dropped],
];

const nodeReadings: readonly Reading<Telemetry>[] = [
  ["node_resident_memory_bytes", "Resident memory of a node", ({ rssBytes }) => rssBytes],
  ["node_disk_bytes", "Bytes of a node's files", ({ diskBytes }) => diskBytes],
  ["node_cpu_seconds_total", "CPU time of a node", ({ cpuMicros }) => cpuMicros / 1e6],
  ["node_mempool_transactions", "Transactions waiting on a node", ({ poolSize }) => poolSize],
  ["node_bytes_in_total", "MQTT bytes a node received", ({ bytesIn }) => bytesIn],
  ["node_bytes_out_total", "MQTT bytes a node sent", ({ bytesOut }) => bytesOut],
];

/** Prometheus metrics, gathered when they are asked for. */
export class Metrics {
  readonly #deps: MetricsDeps;
  readonly #registry = new Registry();
  readonly #requests: Counter<"status">;
  readonly #chain: Map<string, Gauge>;

  constructor(deps: MetricsDeps) {
    this.#deps = deps;
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Counter({
      name: "gridledger_http_requests_total",
      help: "Answers by HTTP status",
      labelNames: ["status"],
      registers: [this.#registry],
    });
    this.#chain = new Map(chainReadings.map(([name, help]) => [name, this.#gauge(name, help)]));
    this.#addOwn();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  countRequest(status: number): void {
    this.#requests.inc({ status: String(status) });
  }

  async text(): Promise<string> {
    const status = await this.#deps.status.status();
    for (const [name, , of] of chainReadings) this.#chain.get(name)?.set(of(status));
    return this.#registry.metrics();
  }

  #addOwn(): void {
    const { broker, nodes, spooled, status, streams } = this.#deps;
    this.#gauge("synced", "1 when the index is at the chain's head", (gauge) => {
      gauge.set(status.isSynced ? 1 : 0);
    });
    this.#gauge(
      "outbox_transactions",
      "Transactions the hub keeps until they are final",
      (gauge) => {
        gauge.set(spooled());
      },
    );
    this.#gauge("event_streams", "Open event streams", (gauge) => gauge.set(streams()));
    for (const [name, help, of] of brokerReadings) {
      this.#gauge(name, help, (gauge) => gauge.set(of(broker())));
    }
    this.#gauge("broker_refusals_total", "What the broker refused", setRefusals(broker), ["code"]);
    for (const [name, help, of] of nodeReadings) {
      const collect = (gauge: Gauge) => {
        for (const node of nodes()) {
          if (node.telemetry !== undefined) gauge.set({ node: node.name }, of(node.telemetry));
        }
      };
      this.#gauge(name, help, collect, ["node"]);
    }
  }

  #gauge(
    name: string,
    help: string,
    collect: (gauge: Gauge) => void = () => {},
    labelNames: string[] = [],
  ): Gauge {
    const gauge: Gauge = new Gauge({
      name: `gridledger_${name}`,
      ...{ help, labelNames },
      registers: [this.#registry],
      collect: () => collect(gauge),
    });
    return gauge;
  }
}

function setRefusals(broker: () => BrokerStats): (gauge: Gauge) => void {
  return (gauge) => {
    for (const [code, count] of Object.entries(broker().refusals)) gauge.set({ code }, count ?? 0);
  };
}
