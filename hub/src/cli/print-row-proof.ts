import { formatHex } from "@gridledger/protocol/hex";
import type { CanonicalValue } from "@gridledger/protocol/rows/canonical-value";
import type { ProvenRow } from "@gridledger/protocol/rows/row-proof";
import { formatTime, printAnswer } from "./output.ts";

/** Says what a row proof has shown, and what it has not. */
export function printRowProof(file: string, proven: ProvenRow, options: { json?: boolean }): void {
  const { anchor, mappingId, batch, table, kind, key, values } = proven;
  const shown = Object.fromEntries([...values].map(([name, value]) => [name, textOf(value)]));
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
