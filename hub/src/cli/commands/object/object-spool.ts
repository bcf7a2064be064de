import { asFault } from "@gridledger/protocol/faults";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { readSpooled, spooledFolders } from "../../objects/spool/spooled-object.ts";
import { formatTable, formatTime, printAnswer } from "../../output.ts";

interface SpoolOptions {
  readonly spool: string;
  readonly json?: boolean;
}

interface Row {
  readonly root: string;
  readonly state: string;
  readonly name: string | null;
  readonly sizeBytes: number | null;
  readonly spooledMs: number | null;
  readonly chainId: string | null;
}

export function objectSpoolCommand(): Command {
  return new Command("spool")
    .description("List what waits in a spool; asks nobody")
    .requiredOption("--spool <folder>", "where objects wait")
    .option("--json", "print JSON")
    .addHelpText("after", examples("gridledger object spool --spool /var/spool/gridledger"))
    .action(run);
}

function run(options: SpoolOptions): void {
  const rows = spooledFolders(options.spool).flatMap(rowsOf);
  printAnswer(options, { objects: rows }, () => {
    if (rows.length === 0) return ["Nothing waits."];
    const cells = rows.map(({ root, state, name, sizeBytes, spooledMs }) => {
      return [state, formatTime(spooledMs), String(sizeBytes ?? "–"), name ?? "–", root];
    });
    return formatTable([["state", "since", "bytes", "name", "root"], ...cells]);
  });
}

/** Nothing where it is final and let go of. */
function rowsOf(folder: string): Row[] {
  const root = folder.slice(-64);
  try {
    const { isDone, manifest, state, spooledMs, chainId } = readSpooled(folder);
    const { name, sizeBytes } = manifest;
    return isDone ? [] : [{ root, state, name, sizeBytes, spooledMs, chainId }];
  } catch (thrown) {
    const unknown = { name: null, sizeBytes: null, spooledMs: null, chainId: null };
    return [{ root, state: asFault(thrown).code, ...unknown }];
  }
}
