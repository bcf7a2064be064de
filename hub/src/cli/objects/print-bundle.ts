import type { ProvenBundle } from "@gridledger/protocol/bundle/verify-bundle";
import { formatHex } from "@gridledger/protocol/hex";
import { kindName } from "@gridledger/protocol/ledger/kinds";
import { formatScaled, formatTime, type OutputOptions, printAnswer } from "../output.ts";

/** What an evidence bundle has shown, and what it has not. */
export function printBundle(file: string, bundle: ProvenBundle, options: OutputOptions): void {
  const { proven, signer, object } = bundle;
  const { height, blockTimeMs, txHash, reading } = proven;
  const answer = {
    verified: true,
    ...{ height, blockTimeMs, txHash: formatHex(txHash), kind: kindName(proven.kind) },
    signer: {
      id: formatHex(proven.sender),
      ...{ name: signer.identity.name, role: signer.identity.role },
      ...{ sinceHeight: signer.sinceHeight, certified: signer.certified ?? null },
      revoked: signer.revoked ?? null,
    },
    ...(reading && { reading }),
    ...(object && { object: { ...object.manifest, root: formatHex(object.manifest.root) } }),
    ...(object && { spans: object.spans }),
  };
  printAnswer(options, answer, () => [
    `Verified: ${file}`,
    `  block ${height} of ${formatTime(blockTimeMs)} holds transaction ${formatHex(txHash)} (${kindName(proven.kind)});`,
    ...signerLines(bundle),
    ...readingLines(bundle),
    ...objectLines(bundle),
    "Not proven:",
    "  that the chain holds no later record of the signer, or that what was put or measured is true.",
  ]);
}

function signerLines({ signer }: ProvenBundle): string[] {
  const { identity, sinceHeight, certified, revoked } = signer;
  const since = sinceHeight === 0 ? "the genesis" : `block ${sinceHeight}`;
  const certificate = certified?.isShown ? "; its certificate of then is in the bundle" : "";
  return [
    `  signed by ${identity.name} (${identity.role}), an identity since ${since}${certificate};`,
    ...(certified ? [`  its certificate is on record since block ${certified.height};`] : []),
    ...(revoked ? [`  revoked since block ${revoked.height} (${revoked.reason});`] : []),
  ];
}

function readingLines({ proven: { reading } }: ProvenBundle): string[] {
  if (reading === undefined) return [];
  return [
    `  meter ${reading.meter} says at ${formatTime(reading.timeMs)}:`,
    ...reading.values.map(({ obis, unit, scaler, value }) =>
      `    ${obis}  ${formatScaled(value, scaler)} ${unit}`.trimEnd(),
    ),
  ];
}

function objectLines({ object }: ProvenBundle): string[] {
  if (object === undefined) return [];
  const { name, sizeBytes, root } = object.manifest;
  return [
    `  object "${name}" of ${sizeBytes} bytes, root ${formatHex(root)};`,
    ...object.spans.map(
      ({ from, to }) => `  bytes ${from} to ${to} in the bundle are the object's.`,
    ),
  ];
}
