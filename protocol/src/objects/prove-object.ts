import { Fault } from "../faults.ts";
import type { Chain } from "../ledger/genesis.ts";
import { kind } from "../ledger/kinds.ts";
import { type Proven, verifyProof } from "../ledger/proof.ts";
import { decodeTransaction } from "../ledger/transaction.ts";
import { decodeManifest, type ObjectManifest } from "./manifest.ts";

/** What a transaction's proof shows of an object. */
export interface ProvenObject {
  readonly proven: Proven;
  readonly manifest: ObjectManifest;
}

/**
 * Verifies a proof file of the transaction that put an object, against the genesis alone.
 *
 * @param file the parsed JSON, of any content
 * @throws Fault PROOF_SHAPE, PROOF_INVALID, SEAL_INVALID, CHAIN_MISMATCH
 */
export function verifyObjectProof(chain: Chain, file: unknown): ProvenObject {
  const proven = verifyProof(chain, file);
  if (proven.kind !== kind.dataObject) {
    throw new Fault("PROOF_INVALID", "the transaction puts no object");
  }
  const { transaction } = file as { readonly transaction: string };
  const { payload } = decodeTransaction(chain.suite, Buffer.from(transaction, "base64url"));
  return { proven, manifest: decodeManifest(payload) };
}
