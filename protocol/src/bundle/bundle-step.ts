import type { ProofStep } from "../ledger/proof-step.ts";
import type { SignerStanding } from "./signer-standing.ts";

/** A step of an evidence bundle that has held, in the order in which they are verified. */
export type BundleStep =
  | ProofStep
  | { readonly step: "signer"; readonly signer: SignerStanding }
  | {
      readonly step: "certificate";
      readonly signer: SignerStanding;
      /** Of the recorded one; undefined where none was. */
      readonly fingerprint: Uint8Array | undefined;
    }
  | { readonly step: "revocation"; readonly signer: SignerStanding }
  /** Chunks of an object: how many of those in the bundle are its own so far. */
  | { readonly step: "data"; readonly done: number; readonly total: number };

export type BundleWatch = (step: BundleStep) => void;
