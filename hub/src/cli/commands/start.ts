import type { Fault } from "@gridledger/protocol/faults";
import { contractSetOf } from "@gridledger/protocol/ledger/genesis";
import { faultTolerance } from "@gridledger/protocol/ledger/validators";
import { Command, Option } from "commander";
import { isLoopback } from "../../rest/security.ts";
import { exitCode } from "../exit-codes.ts";
import { makeDirectory } from "../files.ts";
import { examples } from "../help.ts";
import { hubFetch } from "../hub/hub-fetch.ts";
import { DemonstrationMarket } from "../market/demonstration-market.ts";
import { chooseHome, type Home } from "../network/home.ts";
import { HomeLock } from "../network/home-lock.ts";
import { awaitLeftovers } from "../network/leftovers.ts";
import { describeHome, Network } from "../network/network.ts";
import type { Report } from "../network/network-event.ts";
import { DEMONSTRATION_INTERVAL_MS, provision } from "../network/provision.ts";
import { provisionAuthority } from "../network/provision-authority.ts";
import { provisionTls, transportFiles } from "../network/provision-tls.ts";
import { createReporter } from "../network/reporter.ts";
import { type NetworkSettings, resolveSettings } from "../network/settings.ts";
import { StatusWatch } from "../network/status-watch.ts";
import { stopRequested } from "../network/stop-requested.ts";
import { parseInteger } from "../parse-integer.ts";

interface StartOptions {
  readonly home?: string;
  readonly host?: string;
  readonly httpPort?: number;
  readonly mqttPort?: number;
  readonly validators?: number;
  readonly suite?: string;
  readonly engine?: NetworkSettings["engine"];
  readonly seats?: number;
  readonly tls?: boolean;
  readonly mqttsPort?: number;
  readonly bridge: boolean;
  readonly json?: boolean;
  readonly suitePackage?: string[];
}

const afterHelp = `
Settings: a flag beats its environment variable, that beats what the home has saved, that beats the
default. The first start saves them, with --suite-package (env GRIDLEDGER_SUITE_PACKAGES); --validators, --suite and --engine are then fixed by the genesis.
A port that is taken is replaced by the next free one, and said.
${examples(
  "npm start",
  "gridledger start --home /var/lib/gridledger --validators 7",
  "gridledger start --engine pow",
  "gridledger start --suite-package @example/gridledger-suite --suite example",
  "gridledger start --no-bridge --json",
)}`;

export function startCommand(): Command {
  return new Command("start")
    .description("Run a whole network on this machine: hub, validators, meters")
    .option(
      "--home <directory>",
      "keys, stores and logs (env GRIDLEDGER_HOME; default .gridledger here)",
    )
    .option("--host <address>", "where to listen (env GRIDLEDGER_HOST; default 127.0.0.1)")
    .option(
      "--http-port <port>",
      "dashboard and REST (env GRIDLEDGER_HTTP_PORT; default 8080)",
      parseInteger,
    )
    .option("--mqtt-port <port>", "broker (env GRIDLEDGER_MQTT_PORT; default 1883)", parseInteger)
    .option(
      "--validators <count>",
      "validators of a new network (env GRIDLEDGER_VALIDATORS; default 4)",
      parseInteger,
    )
    .option(
      "--suite <name>",
      "crypto suite of a new network (env GRIDLEDGER_SUITE; default international)",
    )
    .addOption(
      new Option(
        "--engine <name>",
        "consensus of a new network (env GRIDLEDGER_ENGINE; default poa)",
      ).choices(["poa", "pow", "committee"]),
    )
    .option(
      "--seats <count>",
      "validators that sit in a committee (env GRIDLEDGER_SEATS; default 7)",
      parseInteger,
    )
    .option(
      "--tls",
      "HTTPS and MQTT over TLS (env GRIDLEDGER_TLS; default where --host is not loopback)",
    )
    .option("--no-tls", "in the clear, also where others can listen")
    .option(
      "--mqtts-port <port>",
      "broker over TLS (env GRIDLEDGER_MQTTS_PORT; default 8883)",
      parseInteger,
    )
    .option("--no-bridge", "run without the simulated meters")
    .option("--json", "one JSON object a line")
    .addHelpText("after", afterHelp)
    .action((_options, command: Command) => run(command.optsWithGlobals<StartOptions>()));
}

async function run(options: StartOptions): Promise<void> {
  const report = createReporter(process.stdout, options.json === true);
  const home = chooseHome(options.home);
  const { bridge, home: _home, json: _json, suitePackage: suitePackages, ...flags } = options;
  const settings = resolveSettings(home, { ...flags, suitePackages });
  makeDirectory(home.root);
  const lock = await HomeLock.take(home);
  try {
    await awaitLeftovers(home);
    warn(settings, report);
    const { chain, isNew } = provision(home, settings, { isDemonstration: bridge });
    provisionAuthority(home, chain.suite, Date.now());
    if (settings.tls) provisionTls(home, chain, settings.host, Date.now());
    report(describeHome(home, chain, isNew));
    await runNetwork({ home, chain, settings, bridge, report });
  } finally {
    await lock.release();
  }
}

interface NetworkRun {
  readonly home: Home;
  readonly chain: ConstructorParameters<typeof Network>[0]["chain"];
  readonly settings: NetworkSettings;
  readonly bridge: boolean;
  readonly report: Report;
}

/** Returns when the network was asked to stop and has stopped. */
async function runNetwork({ home, chain, settings, bridge, report }: NetworkRun): Promise<void> {
  let lose: (fault: Fault) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  const network = new Network(
    { home, chain, report, onLost: (fault) => lose(fault) },
    { settings, bridge },
  );
  const authorities = settings.tls ? transportFiles(home, "hub").authorities : undefined;
  const watch = new StatusWatch(() => network.url, report, hubFetch(authorities));
  const asked = stopRequested(() => network.kill());
  const market = marketOf({ home, chain, bridge, report }, () => network.url, authorities);
  const started = network.start().then(() => {
    watch.start();
    market?.start();
  });
  try {
    await Promise.race([asked, lost, started.then(() => asked)]);
  } finally {
    const stoppingMs = Date.now();
    watch.stop();
    market?.stop();
    report({ event: "stopping" });
    await network.stop();
    report({ event: "stopped", ms: Date.now() - stoppingMs });
  }
  process.exitCode = exitCode.ok;
}

/** Simulated meters trade with each other, on a channel that was made for it. */
function marketOf(
  { home, chain, bridge, report }: Pick<NetworkRun, "home" | "chain" | "bridge" | "report">,
  url: () => string,
  authorities: string | undefined,
): DemonstrationMarket | undefined {
  const { meterIntervalMs, placed } = contractSetOf(chain);
  const isMadeForIt = placed.length > 0 && meterIntervalMs === DEMONSTRATION_INTERVAL_MS;
  if (!bridge || !isMadeForIt) return undefined;
  return new DemonstrationMarket({ home, chain, url, report, fetchHub: hubFetch(authorities) });
}

function warn({ validators, host, tls }: NetworkSettings, report: Report): void {
  if (faultTolerance(validators) === 0) {
    const detail =
      validators === 1
        ? "1 validator survives no fault: use 4 or more"
        : `${validators} validators survive no fault, one that is down stops the chain: use 4 or more`;
    report({ event: "warning", detail });
  }
  if (!tls && !isLoopback(host)) {
    report({
      event: "warning",
      detail: `the hub listens on ${host}, without TLS: start it with --tls, or keep the network closed`,
    });
  }
}
