import { existsSync } from "node:fs";
import { Command } from "commander";
import type { Finding } from "../doctor/check.ts";
import { checkDisk } from "../doctor/check-disk.ts";
import { checkHome } from "../doctor/check-home.ts";
import { checkHub } from "../doctor/check-hub.ts";
import { checkKeys } from "../doctor/check-keys.ts";
import { checkLogs } from "../doctor/check-logs.ts";
import { checkNode } from "../doctor/check-node.ts";
import { checkPort } from "../doctor/check-port.ts";
import { checkSqlite } from "../doctor/check-sqlite.ts";
import { checkStores } from "../doctor/check-stores.ts";
import { checkSuite } from "../doctor/check-suite.ts";
import { CommandFailure } from "../errors.ts";
import { exitCode } from "../exit-codes.ts";
import { examples } from "../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../hub/connect.ts";
import { chooseHome } from "../network/home.ts";
import { readRunning } from "../network/running.ts";
import { resolveSettings } from "../network/settings.ts";
import { formatTable, printAnswer } from "../output.ts";

export function doctorCommand(): Command {
  return withHubOptions(new Command("doctor"))
    .description("Check what a network needs: Node, SQLite, ports, disk, clock, home, stores, hub")
    .addHelpText(
      "after",
      examples("gridledger doctor", "gridledger doctor --home /var/lib/gridledger"),
    )
    .action(run);
}

async function run(options: HubOptions): Promise<void> {
  const findings = await examine(options);
  const marks = { ok: "✓", warn: "!", fail: "✗" } as const;
  printAnswer(options, { findings }, () =>
    formatTable(findings.map(({ check, result, detail }) => [marks[result], check, detail])),
  );
  if (findings.some((finding) => finding.result === "fail")) {
    throw new CommandFailure(exitCode.refused, "");
  }
}

async function examine(options: HubOptions): Promise<Finding[]> {
  const home = chooseHome(options.home);
  const settings = resolveSettings(home, {});
  const running = readRunning(home);
  const { host, httpPort, mqttPort, suite } = settings;
  const isAsked = options.url !== undefined || running !== undefined;
  return [
    checkNode(),
    await checkSqlite(),
    checkSuite(suite),
    checkDisk(home.root),
    ...(existsSync(home.settings) ? [checkHome(home), checkKeys(home, Date.now())] : []),
    ...(await checkStores(home)),
    ...checkLogs(home),
    // A network that runs has its ports: they are not free, and that is right.
    ...(running === undefined
      ? [await checkPort("http port", host, httpPort), await checkPort("mqtt port", host, mqttPort)]
      : []),
    ...(await checkHub(connectHub(options), isAsked)),
  ];
}
