import { formatHex } from "@gridledger/protocol/hex";
import type { CanonicalValue } from "@gridledger/protocol/rows/canonical-value";
import { plainDecimal } from "@gridledger/protocol/rows/decimal";
import type { ProvenRow } from "@gridledger/protocol/rows/row-proof";
import { formatTime, printAnswer } from "./output.ts";

/** Says what a row proof has shown, and what it has not. */
export function printRowProof(file: string, proven: ProvenRow, options: { json?: boolean }): void {
  const { anchor, mappingId, batch, table, kind, key, values } = proven;
  const isDecimal = (name: string) =>
    table.columns.some((column) => column.name === name && column.type === "decimal");
  const shown = Object.fromEntries(
    [...values].map(([name, value]) => {
      const text = textOf(value);
      return [name, text !== null && isDecimal(name) ? plainDecimal(text) : text];
    }),
  );
  const answer = {
    ...{ verified: true, height: anchor.height, blockHash: formatHex(anchor.blockHash) },
    ...{ blockTimeMs: anchor.blockTimeMs, txHash: formatHex(anchor.txHash) },
    ...{ mapping: formatHex(mappingId), batch, table: table.name, leaf: kind },
    ...{ key: key.map(textOf), values: shown, sender: formatHex(anchor.sender) },
  };
  printAnswer(options, answer, () => [
    `Verified: ${file} holds.`,
    "Proven:",
    `  block ${anchor.height} of ${formatTime(anchor.blockTimeMs)} anchors batch ${batch} of table ${table.name}`,
    `  (mapping ${formatHex(mappingId)}, transaction ${formatHex(anchor.txHash)}, sender ${formatHex(anchor.sender)});`,
    `  ${kind === "removed" ? "it says that row" : "it holds row"} ${key.map(textOf).join(", ")}${kind === "removed" ? " was removed." : ":"}`,
    ...Object.entries(shown).map(([name, value]) => `    ${name}  ${value ?? "NULL"}`),
    "Not proven:",
    "  that no later batch of the mapping holds another version of the row.",
  ]);
}

function textOf(value: CanonicalValue): string | null {
  return value instanceof Uint8Array ? formatHex(value) : value;
}
