import type { ProvenBundle } from "@gridledger/protocol/bundle/verify-bundle";
import { formatHex } from "@gridledger/protocol/hex";
import { kindName } from "@gridledger/protocol/ledger/kinds";
import { formatScaled, formatTime, type OutputOptions, printAnswer } from "../output.ts";

/** What an evidence bundle has shown, and what it has not. */
export function printBundle(file: string, bundle: ProvenBundle, options: OutputOptions): void {
  const { proven, signer, object, receipt } = bundle;
  const { height, blockTimeMs, txHash, reading } = proven;
  const answer = {
    verified: true,
    ...{ height, blockTimeMs, txHash: formatHex(txHash), kind: kindName(proven.kind) },
    signer: {
      id: formatHex(proven.sender),
      ...{ name: signer.identity.name, role: signer.identity.role },
      ...{ sinceHeight: signer.sinceHeight, certified: certifiedOf(signer) },
      revoked: signer.revoked ?? null,
      shownUpTo: signer.shownUpTo ?? null,
    },
    ...(reading && { reading }),
    ...(receipt && { receipt: { outcome: receipt.outcome, gasUsed: receipt.gasUsed } }),
    ...(object && { object: { ...object.manifest, root: formatHex(object.manifest.root) } }),
    ...(object && { spans: object.spans }),
  };
  printAnswer(options, answer, () => [
    `Verified: ${file}`,
    `  block ${height} of ${formatTime(blockTimeMs)} holds transaction ${formatHex(txHash)} (${kindName(proven.kind)});`,
    ...signerLines(bundle),
    ...readingLines(bundle),
    ...objectLines(bundle),
    ...(receipt ? [`  the contract call came to: ${receipt.outcome};`] : []),
    "Not proven:",
    `  ${unprovenOf(signer)}, or that what was put or measured is true.`,
  ]);
}

function certifiedOf({ certified }: ProvenBundle["signer"]) {
  if (certified === undefined) return null;
  const { height, isShown, fingerprint, content } = certified;
  return {
    ...{ height, isShown, fingerprint: formatHex(fingerprint) },
    ...(content && { notBeforeMs: content.notBeforeMs, notAfterMs: content.notAfterMs }),
  };
}

/** What the chain may say of the signer later. */
function unprovenOf({ revoked, shownUpTo }: ProvenBundle["signer"]): string {
  if (revoked !== undefined) return "that the signer had its key to itself until it was revoked";
  if (shownUpTo === undefined) return "that the chain holds no other record of the signer";
  return `that the signer was not revoked after block ${shownUpTo.height}`;
}

function signerLines({ signer, proven }: ProvenBundle): string[] {
  const { identity, sinceHeight, certified, revoked, shownUpTo } = signer;
  const since = sinceHeight === 0 ? "the genesis" : `block ${sinceHeight}`;
  const certificate = certified?.isShown ? "; its certificate of then is in the bundle" : "";
  const until = shownUpTo && `block ${shownUpTo.height} of ${formatTime(shownUpTo.timeMs)}`;
  return [
    `  signed by ${identity.name} (${identity.role}), an identity since ${since}${certificate};`,
    ...(certified ? [`  its certificate is on record since block ${certified.height};`] : []),
    ...(revoked
      ? [
          `  revoked from block ${revoked.height} (${revoked.reason}); it signed before, in block ${proven.height};`,
        ]
      : []),
    ...(until && !revoked ? [`  not revoked up to ${until}, by the chain's own state;`] : []),
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
