import type { BundleStep } from "@gridledger/protocol/bundle/bundle-step";
import {
  isEvidenceBundle,
  type ProvenBundle,
  verifyBundle,
} from "@gridledger/protocol/bundle/verify-bundle";
import { asFault, Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { type Chain, decodeGenesis } from "@gridledger/protocol/ledger/genesis";
import { kindName } from "@gridledger/protocol/ledger/kinds";
import { type Proven, verifyProof } from "@gridledger/protocol/ledger/proof";
import { StepLog } from "./step-log.ts";
import type { Place, Question, Subject, Verdict } from "./verdict.ts";

type Brought = Pick<Question, "chainId" | "genesis">;
type Shown = Pick<ProvenBundle, "proven"> & Partial<ProvenBundle>;

/**
 * Judges an evidence bundle, or a proof file where the genesis is brought, as `gridledger verify` does.
 *
 * @param text of the file
 * @param onStep told of each step that has held
 */
export function judge(
  text: string,
  brought: Brought,
  onStep: (step: BundleStep) => void = () => {},
): Verdict {
  const log = new StepLog();
  let chain: Chain | undefined;
  try {
    const file = parse(text);
    chain = chainOf(file, brought);
    const shown = verify(chain, file, (step) => {
      log.hold(step);
      onStep(step);
    });
    const subject = subjectOf(shown);
    return {
      state: brought.chainId !== "" || brought.genesis !== undefined ? "proven" : "consistent",
      chainId: formatHex(chain.chainId),
      subject,
      place: placeOf(chain, shown, log),
      steps: log.finished(shown, subject),
    };
  } catch (thrown) {
    const { code, message } = asFault(thrown, "PROOF_SHAPE");
    return {
      state: "refused",
      ...(chain && { chainId: formatHex(chain.chainId) }),
      steps: log.failed(chain !== undefined || code === "CHAIN_MISMATCH"),
      fault: { code, detail: message },
    };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault("PROOF_SHAPE", "not JSON", { cause });
  }
}

/** By the genesis that was brought, else by the one in the file, which must have the id that was brought. */
function chainOf(file: unknown, { chainId, genesis }: Brought): Chain {
  const own = (file as { genesis?: unknown } | null)?.genesis;
  if (genesis === undefined && typeof own !== "string") {
    const isProof = String((file as { format?: unknown } | null)?.format).startsWith("gridledger-");
    const detail = isProof ? "the file holds no genesis: bring one" : "not a file of evidence";
    throw new Fault(isProof ? "GENESIS_INVALID" : "PROOF_SHAPE", detail);
  }
  const chain = decodeGenesis(genesis ?? Buffer.from(own as string, "base64url"));
  if (chainId === "" || chainId === formatHex(chain.chainId)) return chain;
  const detail = `it belongs to chain ${formatHex(chain.chainId)}`;
  throw new Fault("CHAIN_MISMATCH", detail);
}

function verify(chain: Chain, file: unknown, watch: (step: BundleStep) => void): Shown {
  if (isEvidenceBundle(file)) return verifyBundle(chain, file, watch);
  return { proven: verifyProof(chain, file, watch) };
}

function subjectOf({ proven, object, receipt }: Shown): Subject {
  if (proven.reading !== undefined) return { about: "reading", ...proven.reading };
  if (object !== undefined) {
    const shownBytes = object.spans.reduce((sum, { from, to }) => sum + to - from, 0);
    const { name, sizeBytes, root } = object.manifest;
    return { about: "object", root: formatHex(root), name, sizeBytes, shownBytes };
  }
  const outcome = receipt && { outcome: receipt.outcome };
  return { about: "transaction", kind: kindName(proven.kind), ...outcome };
}

function placeOf({ genesis }: Chain, { proven, signer }: Shown, { seals }: StepLog): Place {
  const { height, blockTimeMs: timeMs }: Proven = proven;
  const { name, role } = signer?.identity ?? {};
  return {
    ...{ channel: genesis.channel, height, timeMs, ...seals },
    ...(name !== undefined && role !== undefined && { signer: { name, role } }),
    ...(signer?.revoked && { revoked: signer.revoked }),
    ...(signer?.shownUpTo && { shownUpTo: signer.shownUpTo }),
  };
}
