import { formatHex } from "@gridledger/protocol/hex";
import { Command } from "commander";
import { examples } from "../help.ts";
import { homeKeyUses } from "../keys/home-key-uses.ts";
import { HomeKeys, type PageFile } from "../keys/home-keys.ts";
import { chooseHome, type Home } from "../network/home.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";

interface ListOptions {
  readonly home?: string;
  readonly json?: boolean;
}

export function keyListCommand(): Command {
  return withHome(new Command("list"))
    .description("List key pages with owner, period and uses; no key is shown")
    .addHelpText("after", examples("gridledger key list", "gridledger key list --json"))
    .action(list);
}

export function keyOverdueCommand(): Command {
  return withHome(new Command("overdue"))
    .description("List keys whose period has ended, with who must rotate them")
    .addHelpText("after", examples("gridledger key overdue"))
    .action(overdue);
}

function withHome(command: Command): Command {
  return command
    .option("--home <directory>", "home of the network (env GRIDLEDGER_HOME)")
    .option("--json", "print JSON");
}

function list(options: ListOptions): void {
  const home = chooseHome(options.home);
  const keys = new HomeKeys(home);
  const answer = { pages: keys.list().map((page) => describe(home, page)), clear: keys.clear() };
  printAnswer(options, answer, () => [
    ...formatTable([
      ["module", "scheme", "epoch", "owner", "until", "token", "uses", "last use"],
      ...answer.pages.map(({ uses, ...page }) => [
        ...[page.module, page.scheme, String(page.epoch), page.owner],
        ...[formatTime(page.validUntilMs), page.token],
        uses.map(({ purpose, count }) => `${purpose} ${count}`).join(", ") || "–",
        uses.length === 0 ? "–" : formatTime(Math.max(...uses.map(({ lastMs }) => lastMs))),
      ]),
    ]),
    ...answer.clear.map((name) => `${name}: in the clear; gridledger key seal`),
  ]);
}

function overdue(options: ListOptions): void {
  const home = chooseHome(options.home);
  const nowMs = Date.now();
  const items = new HomeKeys(home)
    .newest()
    .filter(({ validUntilMs }) => validUntilMs <= nowMs)
    .sort((a, b) => a.validUntilMs - b.validUntilMs)
    .map((page) => describe(home, page));
  printAnswer(options, { items }, () =>
    items.length === 0
      ? ["no key is overdue"]
      : formatTable([
          ["module", "owner", "since", "file"],
          ...items.map(({ module, owner, validUntilMs, file }) => [
            ...[module, owner, formatTime(validUntilMs), file],
          ]),
        ]),
  );
}

function describe(home: Home, { publicKey, ...page }: PageFile) {
  return { ...page, publicKey: formatHex(publicKey), uses: homeKeyUses(home, page.module) };
}
