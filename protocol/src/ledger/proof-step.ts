/** A step of a proof that has held: what a reader may look at while, and after, it is verified. */
export type ProofStep =
  /** The validator sets are known from the genesis on. */
  | { readonly step: "genesis"; readonly chainId: Uint8Array; readonly handovers: number }
  /** A quorum has sealed the header; on a `pow` chain blocks confirm it. */
  | {
      readonly step: "seals";
      readonly signers: number;
      readonly validators: number;
      readonly confirmations: number;
    }
  | {
      readonly step: "header";
      readonly height: number;
      readonly timeMs: number;
      readonly blockHash: Uint8Array;
    }
  /** The transaction's hash leads to the header's root. */
  | {
      readonly step: "root";
      readonly leaf: Uint8Array;
      readonly path: readonly Uint8Array[];
      readonly txRoot: Uint8Array;
    }
  | { readonly step: "signature"; readonly publicKey: Uint8Array; readonly epoch: number }
  /** The reading that is named stands in the transaction. */
  | { readonly step: "content" };

export type ProofWatch = (step: ProofStep) => void;
