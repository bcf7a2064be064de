import { isEvidenceBundle, verifyBundle } from "@gridledger/protocol/bundle/verify-bundle";
import { isContractProof, verifyContractProof } from "@gridledger/protocol/contracts/verify-proof";
import { asFault, Fault, type FaultCode } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { kindName } from "@gridledger/protocol/ledger/kinds";
import { type Proven, verifyProof } from "@gridledger/protocol/ledger/proof";
import { isRowProof, verifyRowProof } from "@gridledger/protocol/rows/row-proof";
import { Command } from "commander";
import { printContractProof } from "../contracts/print-proof.ts";
import { correctionLines, correctionView } from "../corrections/correction-lines.ts";
import { CommandFailure } from "../errors.ts";
import { exitCode } from "../exit-codes.ts";
import { readBytes, readGenesis, replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { printBundle } from "../objects/print-bundle.ts";
import { formatScaled, formatTime, printAnswer } from "../output.ts";
import { printRowProof } from "../print-row-proof.ts";
import { verifierFile } from "../process-script.ts";

interface VerifyOptions {
  readonly genesis?: string;
  readonly page?: string;
  readonly json?: boolean;
}

/** Faults that mean "the proof does not hold", as against "a file could not be read". */
const proofFaults: ReadonlySet<FaultCode> = new Set([
  "PROOF_INVALID",
  "PROOF_SHAPE",
  "SEAL_INVALID",
  "SIGNATURE_INVALID",
  "CHAIN_MISMATCH",
  "IDENTITY_REVOKED",
  "BATCH_SHAPE",
  "CORRECTION_ORIGINAL",
  "CORRECTION_SHAPE",
  "CORRECTION_VALUE",
  "BLOCK_INVALID",
  "CBOR_LIMIT",
  "CBOR_MALFORMED",
  "CBOR_NOT_CANONICAL",
  "CBOR_SHAPE",
]);

export function verifyCommand(): Command {
  return new Command("verify")
    .description("Verify a proof file offline, with nothing but the genesis")
    .argument("[proof]", "the proof file")
    .option("--genesis <file>", "the genesis, from somebody you trust")
    .option("--page <file>", "write a page that verifies evidence in a browser, without a network")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        "gridledger verify proof.json --genesis genesis.cbor",
        "gridledger verify --page verify.html",
      ),
    )
    .action(run);
}

function run(file: string | undefined, options: VerifyOptions): void {
  const { genesis, page } = options;
  if (page !== undefined) writePage(page, options);
  if (file !== undefined && genesis !== undefined) verify(file, genesis, options);
  else if (page === undefined || file !== undefined) {
    throw new Fault("USAGE_INVALID", "say which: <proof> --genesis <file>, or --page <file>");
  }
}

function writePage(page: string, options: VerifyOptions): void {
  replaceFile(page, readBytes(verifierFile()), 0o644);
  printAnswer(options, { file: page }, () => [
    `Page written to ${page}. Open it in a browser, on any machine, and drop the evidence on it.`,
  ]);
}

function verify(file: string, genesis: string, options: VerifyOptions): void {
  const chain = readGenesis(genesis);
  const bytes = readBytes(file);
  let proven: Proven;
  try {
    const parsed = parseProof(file, bytes);
    if (isEvidenceBundle(parsed)) {
      printBundle(file, verifyBundle(chain, parsed), options);
      return;
    }
    if (isContractProof(parsed)) {
      printContractProof(file, verifyContractProof(chain, parsed), options);
      return;
    }
    if (isRowProof(parsed)) {
      printRowProof(file, verifyRowProof(chain, parsed), options);
      return;
    }
    proven = verifyProof(chain, parsed);
  } catch (thrown) {
    const fault = asFault(thrown);
    if (!proofFaults.has(fault.code)) throw fault;
    throw notVerified(file, fault, options.json === true);
  }
  printAnswer(options, describeProven(proven), () => [
    `Verified: ${file} holds for chain ${formatHex(chain.chainId)}.`,
    ...provenLines(proven),
  ]);
}

/** @throws Fault PROOF_SHAPE */
function parseProof(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new Fault("PROOF_SHAPE", `${file} is not JSON`, { cause });
  }
}

function notVerified(file: string, fault: Fault, json: boolean): CommandFailure {
  const { code, message } = fault;
  const text = json
    ? JSON.stringify({ verified: false, error: { code, detail: message } })
    : `NOT verified: ${file}\n${code}: ${message}`;
  return new CommandFailure(exitCode.notVerified, text);
}

function describeProven(proven: Proven) {
  const { height, blockHash, blockTimeMs, txHash, kind, sender, senderSignature, reading } = proven;
  return {
    verified: true,
    height,
    blockHash: formatHex(blockHash),
    blockTimeMs,
    txHash: formatHex(txHash),
    kind: kindName(kind),
    sender: formatHex(sender),
    senderSignature,
    ...(reading === undefined ? {} : { reading }),
    ...(proven.correction === undefined ? {} : { correction: correctionView(proven.correction) }),
  };
}

function provenLines(proven: Proven): string[] {
  const { height, blockHash, blockTimeMs, txHash, sender, senderSignature, reading } = proven;
  const lines = [
    "Proven:",
    `  a quorum of its height's validators, known from the genesis on, made block ${height} (${formatHex(blockHash)}) final, dated ${formatTime(blockTimeMs)};`,
    `  it holds transaction ${formatHex(txHash)} (${kindName(proven.kind)}) of sender ${formatHex(sender)}`,
  ];
  if (reading !== undefined) {
    lines.push(`  in which meter ${reading.meter} says at ${formatTime(reading.timeMs)}:`);
    for (const { obis, unit, scaler, value } of reading.values) {
      lines.push(`    ${obis}  ${formatScaled(value, scaler)} ${unit}`.trimEnd());
    }
  }
  if (proven.correction !== undefined) lines.push(...correctionLines(proven.correction));
  lines.push(
    senderSignature === "checked"
      ? "  the sender's signature was checked with the key that signed for it at this height, known from the genesis on."
      : "  the sender's signature was checked by that quorum; its key is not in the genesis.",
    "Not proven:",
    "  that the meter measured right, or that no other batch of it says otherwise.",
  );
  return lines;
}
