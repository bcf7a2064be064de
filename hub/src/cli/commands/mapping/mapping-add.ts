import type { RouteInput } from "@gridledger/protocol/api/contract";
import { Fault } from "@gridledger/protocol/faults";
import { Command } from "commander";
import { examples } from "../../help.ts";
import { connectHub, type HubOptions, withHubOptions } from "../../hub/connect.ts";
import { printAnswer } from "../../output.ts";
import { parseInteger } from "../../parse-integer.ts";
import { mappingLines } from "./mapping-lines.ts";

type Body = RouteInput<"addMapping">["body"];

interface AddOptions extends HubOptions {
  readonly database: string;
  readonly schema?: string;
  readonly table: string;
  readonly key: string[];
  readonly columns?: string[];
  readonly type?: Readonly<Record<string, string>>;
  readonly watermark?: string;
  readonly saltPerRow?: boolean;
  readonly rowsPerSecond?: number;
  readonly sweepEvery?: number;
  readonly title?: string;
  readonly owner?: string;
  readonly classification?: "public" | "internal" | "confidential" | "secret";
  readonly retentionDays?: number;
}

export function mappingAddCommand(): Command {
  return withHubOptions(new Command("add"))
    .description("Map a table; its database stands in the hub's list (docs/mapping.md)")
    .argument("<name>", "the mapping's name: a–z, 0–9, dot, dash, underscore")
    .requiredOption("--database <name>", "a name of the hub's list of databases")
    .requiredOption("--table <name>", "the table")
    .requiredOption(
      "--key <columns>",
      "columns that name a row, with commas between them",
      splitNames,
    )
    .option("--schema <name>", "the table's schema")
    .option("--columns <columns>", "what else is mapped; default: all columns", splitNames)
    .option(
      "--type <column=type>",
      "another type than the column's usual one; repeatable",
      collectType,
    )
    .option("--watermark <column>", "rows may change lawfully when this column grows")
    .option("--salt-per-row", "one salt a row instead of one a column: smaller, names no column")
    .option("--rows-per-second <rows>", "what the database may be asked for", parseInteger)
    .option("--sweep-every <seconds>", "pause between two sweeps", parseInteger)
    .option("--title <text>", "in the catalogue")
    .option("--owner <text>", "who answers for the data")
    .option("--classification <level>", "public, internal, confidential or secret")
    .option("--retention-days <days>", "how long it is kept", parseInteger)
    .addHelpText(
      "after",
      examples(
        "gridledger mapping add bills --database billing --table bills --key id --owner Billing",
        "gridledger mapping add meters --database mdm --schema mdm --table meter --key id --watermark updated_at",
      ),
    )
    .action(run);
}

async function run(name: string, options: AddOptions): Promise<void> {
  const { database, schema, table, key, columns, watermark, type, saltPerRow } = options;
  const { rowsPerSecond, sweepEvery, title, owner, classification, retentionDays } = options;
  const body: Body = {
    ...{ name, database, table, key, saltsPerColumn: !saltPerRow },
    ...(schema !== undefined && { schema }),
    ...(columns !== undefined && { columns }),
    ...(watermark !== undefined && { watermark }),
    // The hub says which types there are.
    ...(type !== undefined && { types: type as NonNullable<Body["types"]> }),
    ...(rowsPerSecond !== undefined && { rowsPerSecond }),
    ...(sweepEvery !== undefined && { sweepEveryMs: sweepEvery * 1_000 }),
    ...(title !== undefined && { title }),
    ...(owner !== undefined && { owner }),
    ...(classification !== undefined && { classification }),
    ...(retentionDays !== undefined && { retentionDays }),
  };
  const answer = await connectHub(options).call("addMapping", { body });
  printAnswer(options, answer, () => mappingLines(answer));
}

function splitNames(text: string): string[] {
  return text.split(",").filter((name) => name !== "");
}

function collectType(text: string, before: Readonly<Record<string, string>> = {}) {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new Fault("USAGE_INVALID", `--type: "${text}" is not column=type`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
