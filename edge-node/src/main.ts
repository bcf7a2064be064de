import { dirname, resolve } from "node:path";
import { loadSuites } from "@gridledger/protocol/crypto/suite-loader";
import { asFault, type Fault } from "@gridledger/protocol/faults";
import { type Logger, pino } from "pino";
import { loadConfig, type NodeConfig } from "./config.ts";
import { committee } from "./consensus/committee/committee.ts";
import { EngineRegistry } from "./consensus/engine.ts";
import { poa } from "./consensus/poa/poa.ts";
import { pow } from "./consensus/pow/pow.ts";
import { loadEngines } from "./engine/engine-package.ts";
import { Node } from "./node.ts";
import { configArgument, endAtSignals, say } from "./process-frame.ts";
import { WalFile } from "./store/wal-file.ts";
import { readClientTls } from "./transport/client-tls.ts";
import { MqttLink } from "./transport/mqtt-link.ts";

const HELP = `gridledger validator

  --config <node.json>   configuration; paths in it are relative to the file
  --help                 this text

node.json: {"genesis": "genesis.cbor", "key": "key.pem", "home": "data",
            "brokers": ["mqtts://hub:8883"], "name": "north-1", "logLevel": "info",
            "tls": {"ca": "ca.pem", "cert": "transport.pem", "key": "transport-key.pem"},
            "unlock": {"file": "unlock"} or {"env": "NAME"} or {"credential": "name"},
            "engines": ["@example/engine"], "suites": ["@example/suite"], "sync": "full" or "snapshot",
            "maxDiskBytes": 2000000000, "keepBlocks": 10000, "verifyThreads": 1,
            "copyBytes": 1000000000,
            "rpc": {"host": "127.0.0.1", "port": 8545, "users": "rpc-users.json"}}

Prints JSON lines; {"event":"ready","height":…} when it is connected. SIGTERM or SIGINT ends it.
`;

interface Surroundings {
  readonly log: Logger;
  readonly engines: EngineRegistry;
  readonly onFatal: (fault: Fault) => void;
}

function compose(config: NodeConfig, { log, engines, onFatal }: Surroundings): Node {
  return new Node(
    {
      log,
      engines,
      openWal: (folder) => new WalFile(folder),
      createLink: ({ chain, signer }, { url, clientId }) => {
        const { suite, chainId } = chain;
        const { tls: files } = config;
        const tls = files && { tls: () => readClientTls(files) };
        return new MqttLink({ suite, signer, chainId, log }, { urls: [url], clientId, ...tls });
      },
      onReady: (height) => say({ event: "ready", height, name: config.name }),
      onRpc: (port) => say({ event: "rpc", port }),
      onFatal,
    },
    config,
  );
}

async function main(): Promise<void> {
  const file = configArgument(HELP);
  if (file === undefined) return;
  const config = await loadConfig(file);
  const log = pino({ level: config.logLevel, base: { node: config.name } });
  const folder = dirname(resolve(file));
  await loadSuites(config.suites, folder);
  const outside = await loadEngines(config.engines, folder);
  const engines = new EngineRegistry([poa, committee, pow, ...outside]);
  const node = compose(config, { log, engines, onFatal: (fault) => die(fault) });
  const die = endAtSignals(log, () => node.stop());
  await node.start().catch(die);
}

main().catch((thrown: unknown) => {
  const { code, message } = asFault(thrown);
  say({ event: "failed", code, message });
  process.exitCode = 1;
});
