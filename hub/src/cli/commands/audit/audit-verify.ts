import type { AuditRecord } from "@gridledger/protocol/audit/audit-record";
import { type LogFinding, type LogVerdict, verifyLog } from "@gridledger/protocol/audit/verify-log";
import { parseHex } from "@gridledger/protocol/hex";
import { Command } from "commander";
import { provenAnchors } from "../../audit/proven-anchors.ts";
import { CommandFailure } from "../../errors.ts";
import { exitCode } from "../../exit-codes.ts";
import { readGenesis } from "../../files.ts";
import { examples } from "../../help.ts";
import { connectHub, type Hub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { formatTime, printAnswer } from "../../output.ts";

const PAGE = 500;

interface VerifyOptions extends HubOptions {
  readonly genesis: string;
}

export function auditVerifyCommand(): Command {
  return withHubOptions(new Command("verify"))
    .description(
      "Compare the hub's audit log with what the chain says of it; names each line that is not as it was",
    )
    .requiredOption("--genesis <file>", "the genesis, from somebody you trust")
    .addHelpText(
      "after",
      examples("gridledger audit verify --genesis genesis.cbor --user ann --password-file -"),
    )
    .action(run);
}

async function run(options: VerifyOptions): Promise<void> {
  const chain = readGenesis(options.genesis);
  const hub = connectHub(options);
  // First the anchors: whatever is written while they are fetched comes after them.
  const { anchors, height, blockTimeMs } = await provenAnchors(hub, chain);
  const verdict = verifyLog(chain.suite.hash, await fetchLog(hub), anchors);
  const answer = { ...verdict, verified: verdict.findings.length === 0, height, blockTimeMs };
  if (!answer.verified) {
    const text = ["NOT verified: the log is not as it was.", ...verdict.findings.map(sentence)];
    const shown = options.json === true ? JSON.stringify(answer) : text.join("\n");
    throw new CommandFailure(exitCode.notVerified, shown);
  }
  printAnswer(options, answer, () => verified(verdict, height, blockTimeMs));
}

/** All lines, ascending. */
async function fetchLog(hub: Hub): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: String(PAGE), ...(cursor !== undefined && { cursor }) };
    const { items, next } = await hub.call("audit", { query });
    for (const item of items) records.push({ ...item, hash: parseHex(item.hash) });
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return records.reverse();
}

function verified({ lines, anchored }: LogVerdict, height: number | null, timeMs: number | null) {
  const waiting = lines - anchored;
  const rest = `${waiting} newer ${waiting === 1 ? "line is" : "lines are"} not anchored yet; their own hashes are right.`;
  if (height === null) return [`Nothing is anchored yet. ${rest}`];
  return [
    `Verified: lines 1 to ${anchored} are as the chain has them, up to block ${height} of ${formatTime(timeMs)}.`,
    ...(waiting === 0 ? [] : [rest]),
  ];
}

function sentence({ kind, line, now }: LogFinding): string {
  const sentences = {
    changed: `line ${line} was changed`,
    deleted: `line ${line} was deleted`,
    inserted: `line ${line} was inserted`,
    moved: `line ${line} was moved: it now is line ${now}`,
    broken: `line ${line} does not fit the line before it`,
    salt: `the salt of the anchor from line ${line} on was changed: its lines cannot be judged`,
    beyond: `from line ${line} on nothing can be compared: too much is missing or added`,
  } as const satisfies Record<LogFinding["kind"], string>;
  return sentences[kind];
}
