import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { type Logger, pino } from "pino";
import { loadConfig } from "./config.ts";
import { Hub } from "./hub.ts";

const STOP_TIMEOUT_MS = 1_900;
const help = `gridledger hub: broker, chain follower, REST and console

  --config <hub.json>   genesis, suites, key, operatorKey, unlock, home, host, httpPort, mqttPort,
                        mqttsPort, tls, dashboardDir, anonymousReads, logLevel;
                        paths are relative to it
  --help                this text
`;

/** One JSON line for whoever started the process; written at once, also when the process ends next. */
function say(event: object): void {
  writeSync(1, `${JSON.stringify(event)}\n`);
}

function fail(thrown: unknown): never {
  const { code, message } = asFault(thrown);
  say({ event: "failed", code, message });
  process.exit(1);
}

function configPath(): string {
  const { values } = parseArgs({
    options: { config: { type: "string" }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    writeSync(1, help);
    process.exit(0);
  }
  if (values.config === undefined) throw new Fault("CONFIG_INVALID", "--config is missing");
  return values.config;
}

function stopOnSignals(hub: Hub, log: Logger): void {
  let isStopping = false;
  const stop = (code: number) => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    hub.stop().then(
      () => process.exit(code),
      () => process.exit(1),
    );
  };
  process.on("SIGINT", () => stop(0));
  process.on("SIGTERM", () => stop(0));
  const crash = (thrown: unknown) => {
    log.fatal({ err: thrown }, "uncaught: the hub stops");
    stop(1);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}

async function main(): Promise<void> {
  const config = await loadConfig(configPath());
  const log = pino({ level: config.logLevel, base: null }, pino.destination({ fd: 1, sync: true }));
  const hub = new Hub(
    {
      log,
      onOneTimePassword: (user, password) => say({ event: "operator-password", user, password }),
    },
    config,
  );
  stopOnSignals(hub, log);
  say({ event: "ready", ...(await hub.start()) });
}

main().catch(fail);
