import type { Telemetry } from "@gridledger/protocol/messages/telemetry";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { ChainStatus } from "../feed/chain-status.ts";
import type { CopySummary } from "../objects/copies/copy-service.ts";

interface BrokerStats {
  readonly connections: number;
  readonly messagesIn: number;
  readonly bytesIn: number;
  readonly deliveries: number;
  readonly dropped: number;
  /** By fault code. */
  readonly refusals: Readonly<Partial<Record<string, number>>>;
}

interface RelayStats {
  readonly votes: number;
  readonly certificates: number;
  /** By fault code. */
  readonly refusals: Readonly<Partial<Record<string, number>>>;
}

interface MetricsDeps {
  readonly status: Pick<ChainStatus, "status" | "isSynced">;
  readonly spooled: () => number;
  readonly streams: () => number;
  readonly broker: () => BrokerStats;
  readonly relay: () => RelayStats;
  readonly copies: () => Promise<CopySummary>;
  /** What the nodes last said of themselves. */
  readonly nodes: () => readonly {
    readonly name: string;
    readonly telemetry: Telemetry | undefined;
  }[];
}

/** A metric by its name after `gridledger_`, its help, and where its value comes from. */
type Reading<Source> = readonly [name: string, help: string, of: (source: Source) => number];

type ChainNumbers = Awaited<ReturnType<ChainStatus["status"]>>;

/** Tells one value of a metric, by its labels where it has some. */
type Tell = (value: number, labels?: Readonly<Record<string, string>>) => void;

const chainReadings: readonly Reading<ChainNumbers>[] = [
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

const relayReadings: readonly Reading<RelayStats>[] = [
  ["relay_votes_total", "Votes given to the relay", ({ votes }) => votes],
  [
    "relay_certificates_total",
    "Certificates that the relay published",
    ({ certificates }) => certificates,
  ],
];

const nodeReadings: readonly Reading<Telemetry>[] = [
  ["node_resident_memory_bytes", "Resident memory of a node", ({ rssBytes }) => rssBytes],
  ["node_disk_bytes", "Bytes of a node's files", ({ diskBytes }) => diskBytes],
  ["node_disk_free_bytes", "Free bytes where a node's files are", (node) => node.diskFreeBytes],
  ["node_disk_limit_bytes", "What a node may use, 0 if not limited", (node) => node.maxDiskBytes],
  ["node_first_height", "Lowest block that a node still holds", ({ firstHeight }) => firstHeight],
  ["node_sync_faults_total", "Peers that a node set aside", ({ syncFaults }) => syncFaults],
  ["node_warning", "1 while a node wants attention", (node) => (node.warning === "" ? 0 : 1)],
  ["node_cpu_seconds_total", "CPU time of a node", ({ cpuMicros }) => cpuMicros / 1e6],
  ["node_mempool_transactions", "Transactions waiting on a node", ({ poolSize }) => poolSize],
  ["node_bytes_in_total", "MQTT bytes a node received", ({ bytesIn }) => bytesIn],
  ["node_bytes_out_total", "MQTT bytes a node sent", ({ bytesOut }) => bytesOut],
  ["node_suspended", "1 while a validator signs nothing", ({ alarm }) => (alarm === "" ? 0 : 1)],
];

/** Prometheus metrics, gathered when they are asked for. */
export class Metrics {
  readonly #deps: MetricsDeps;
  readonly #registry = new Registry();
  readonly #requests: Counter<"status">;
  #status: ChainNumbers | undefined;
  #copies: CopySummary | undefined;

  constructor(deps: MetricsDeps) {
    this.#deps = deps;
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Counter({
      name: "gridledger_http_requests_total",
      help: "Answers by HTTP status",
      labelNames: ["status"],
      registers: [this.#registry],
    });
    this.#addOwn();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  countRequest(status: number): void {
    this.#requests.inc({ status: String(status) });
  }

  async text(): Promise<string> {
    this.#status = await this.#deps.status.status();
    this.#copies = await this.#deps.copies();
    return this.#registry.metrics();
  }

  #addOwn(): void {
    const { broker, nodes, relay, spooled, status, streams } = this.#deps;
    for (const [name, help, of] of chainReadings) {
      this.#add(name, help, (tell) => {
        if (this.#status !== undefined) tell(of(this.#status));
      });
    }
    this.#add("synced", "1 when the index is at the chain's head", (tell) => {
      tell(status.isSynced ? 1 : 0);
    });
    this.#add("outbox_transactions", "Transactions the hub keeps until they are final", (tell) => {
      tell(spooled());
    });
    this.#add("event_streams", "Open event streams", (tell) => tell(streams()));
    for (const [name, help, of] of brokerReadings) {
      this.#add(name, help, (tell) => tell(of(broker())));
    }
    this.#add("broker_refusals_total", "What the broker refused", tellRefusals(broker), ["code"]);
    for (const [name, help, of] of relayReadings) {
      this.#add(name, help, (tell) => tell(of(relay())));
    }
    this.#add("relay_refusals_total", "Votes that the relay refused", tellRefusals(relay), [
      "code",
    ]);
    this.#addCopies();
    for (const [name, help, of] of nodeReadings) {
      const collect = (tell: Tell) => {
        for (const { name: node, telemetry } of nodes()) {
          if (telemetry !== undefined) tell(of(telemetry), { node });
        }
      };
      this.#add(name, help, collect, ["node"]);
    }
    const tellRejections = (tell: Tell) => {
      for (const { name: node, telemetry } of nodes()) {
        for (const [code, count] of telemetry?.rejections ?? []) tell(count, { node, code });
      }
    };
    const help = "Consensus messages that a node refused";
    this.#add("node_rejections_total", help, tellRejections, ["node", "code"]);
  }

  #addCopies(): void {
    this.#add("objects_under_replicated", "Objects with fewer copies than wanted", (tell) => {
      tell(this.#copies?.underReplicated ?? 0);
    });
    const help = "Copies of objects by how they stand";
    const tellStates = (tell: Tell) => {
      for (const [state, count] of Object.entries(this.#copies?.copies ?? {}))
        tell(count, { state });
    };
    this.#add("object_copies", help, tellStates, ["state"]);
  }

  /** A counter where the name says so, else a gauge. */
  #add(suffix: string, help: string, collect: (tell: Tell) => void, labelNames: string[] = []) {
    const name = `gridledger_${suffix}`;
    const options = { name, help, labelNames, registers: [this.#registry] };
    if (!suffix.endsWith("_total")) {
      const gauge: Gauge = new Gauge({
        ...options,
        collect: () => collect((value, labels = {}) => gauge.set(labels, value)),
      });
      return;
    }
    const counter: Counter = new Counter({
      ...options,
      collect: () => {
        // The count is kept elsewhere; here it is only told.
        counter.reset();
        collect((value, labels = {}) => counter.inc(labels, value));
      },
    });
  }
}

function tellRefusals(source: () => Pick<BrokerStats, "refusals">): (tell: Tell) => void {
  return (tell) => {
    for (const [code, count] of Object.entries(source().refusals)) tell(count ?? 0, { code });
  };
}
