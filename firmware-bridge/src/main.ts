import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readClientTls } from "@gridledger/edge-node/client-tls";
import type { ConfigReader } from "@gridledger/edge-node/config-reader";
import { keyHolder, keyUsesAt } from "@gridledger/edge-node/key-files";
import { keyRingFiles } from "@gridledger/edge-node/key-ring-files";
import { MqttLink } from "@gridledger/edge-node/mqtt-link";
import { configArgument, endAtSignals, say } from "@gridledger/edge-node/process-frame";
import { loadSuites } from "@gridledger/protocol/crypto/suite-loader";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { KeyTurner } from "@gridledger/protocol/keys/key-turner";
import { KEY_USES_FILE } from "@gridledger/protocol/keys/key-uses";
import { decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { type Logger, pino } from "pino";
import { Bridge } from "./bridge.ts";
import { CertificateFile } from "./certificate/certificate-file.ts";
import { CertificateKeeper } from "./certificate/certificate-keeper.ts";
import { systemClock } from "./clock.ts";
import { type BridgeConfig, loadConfig } from "./config.ts";
import type { Driver, DriverDeps } from "./drivers/driver.ts";
import { drivers } from "./drivers/registry.ts";
import { dlt645Server } from "./simulators/dlt645-server.ts";
import { Spool } from "./spool/spool.ts";

const HELP = `gridledger firmware bridge: from meters to the network

  --config <bridge.json>   configuration; paths in it are relative to the file
  --help                   this text

bridge.json: {"genesis": "genesis.cbor", "key": "key.pem", "home": "data",
              "unlock": {"file": "unlock"} or {"env": "NAME"} or {"credential": "name"},
              "brokers": ["mqtt://hub:1883"],
              "drivers": [{"type": "p1-tcp", "host": "10.0.0.7", "port": 2001},
                          {"type": "dlt645-tcp", "host": "10.0.0.8", "port": 8899}]}
Drivers: ${Object.keys(drivers).join(", ")}. All options: firmware-bridge/README.md.

Prints JSON lines; {"event":"ready"} when it takes readings. SIGTERM or SIGINT ends it.
`;
const COUNTERS_MS = 60_000;

interface Process {
  stop(): Promise<void>;
}

async function run(config: BridgeConfig, log: Logger): Promise<Process> {
  await loadSuites(config.suites, config.folder);
  const chain = decodeGenesis(config.genesis);
  const { suite, chainId } = chain;
  const home = dirname(config.spoolFile);
  await mkdir(home, { recursive: true });
  const uses = keyUsesAt(join(home, KEY_USES_FILE));
  const hold = keyHolder({ module: "bridge", uses });
  const keyFiles = keyRingFiles(suite, hold, config.key, log);
  const keys = keyFiles.ring;
  const deviceId = keys.id;
  const spool = await Spool.open(config.spoolFile, { chainId, deviceId }, config.spoolMaxBytes);
  const { brokers: urls, tls: files } = config;
  const tls = files && { tls: () => readClientTls(files) };
  const identity = { id: deviceId, key: (failures: number) => connectKey(failures) };
  const first = keys.at(0);
  const uplink = new MqttLink(
    { suite, signer: first.signer("connect"), chainId, identity, log },
    { urls, ...tls },
  );
  const deps = { chain, keys, spool, uplink, clock: systemClock, log, random: Math.random };
  const bridge = new Bridge(deps, config.bridge);
  /** A broker that refuses one key may be behind, or ahead: every attempt is with another. */
  const connectKey = (failures: number) => {
    const key = keys.afterFailures(bridge.chainHeight + 1, failures);
    return { suite: key.suite, signer: key.signer("connect") };
  };
  const driverDeps = { accept: bridge.accept.bind(bridge), clock: systemClock, log };
  const sources = config.drivers.map((entry) => createDriver(driverDeps, entry));
  const simulators = config.simulators.map((entry) => createSimulator(driverDeps, entry));

  const keeper = keeperOf(config, {
    ...{ chain, keys, uplink, clock: systemClock, log },
    chainHeight: () => bridge.chainHeight,
  });
  keeper?.start();
  await bridge.start();
  const turner = new KeyTurner(
    {
      ...{ chain, ring: keys, files: keyFiles.files, look: keyFiles.look, log },
      ...{ headHeight: () => bridge.chainHeight, clock: systemClock },
      submit: (rotation) => bridge.submit(rotation),
    },
    config.keyDays,
  );
  if (config.rotatesKeys) turner.start();
  for (const simulator of simulators) await simulator.start();
  for (const source of sources) source.start();
  const stopCounters = logCounters(bridge, log);
  say({ event: "ready", device: formatHex(deviceId), drivers: sources.length });
  return {
    async stop() {
      stopCounters();
      keyFiles.stop();
      keeper?.stop();
      await Promise.all([...sources, ...simulators].map((part) => part.stop()));
      await bridge.stop();
      await turner.stop();
    },
  };
}

/** @throws Fault CONFIG_INVALID, PKI_* */
function keeperOf(
  { certificateFile }: BridgeConfig,
  deps: Omit<ConstructorParameters<typeof CertificateKeeper>[0], "file">,
): CertificateKeeper | undefined {
  if (certificateFile === undefined) return undefined;
  return new CertificateKeeper({ ...deps, file: new CertificateFile(certificateFile) });
}

function createDriver(deps: DriverDeps, entry: ConfigReader): Driver {
  const type = entry.text("type");
  const create = Object.hasOwn(drivers, type) ? drivers[type] : undefined;
  if (create === undefined) {
    const known = Object.keys(drivers).join(", ");
    throw new Fault("CONFIG_INVALID", `there is no driver "${type}"; known: ${known}`);
  }
  const driver = create(deps, entry);
  entry.end();
  return driver;
}

function createSimulator(deps: DriverDeps, entry: ConfigReader) {
  entry.oneOf("type", ["dlt645"]);
  return dlt645Server(deps, entry);
}

/** Once a minute while something happens. */
function logCounters(bridge: Bridge, log: Logger): () => void {
  let last = "";
  const timer = setInterval(() => {
    const { counters } = bridge;
    const now = JSON.stringify(counters);
    if (now !== last) log.info(counters, "counters");
    last = now;
  }, COUNTERS_MS);
  return () => clearInterval(timer);
}

async function main(): Promise<void> {
  const file = configArgument(HELP);
  if (file === undefined) return;
  const config = await loadConfig(file);
  const log = pino({ level: config.logLevel });
  let running: Process | undefined;
  endAtSignals(log, async () => running?.stop());
  running = await run(config, log);
}

main().catch((thrown: unknown) => {
  const { code, message } = asFault(thrown);
  say({ event: "failed", code, message });
  process.exit(1);
});
