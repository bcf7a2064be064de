/** The steps from the data to who signed it, as people read them. */
export const stepNames = [
  "data",
  "leaf",
  "root",
  "header",
  "seals",
  "genesis",
  "signature",
  "certificate",
  "revocation",
] as const;

export type StepName = (typeof stepNames)[number];

/** "absent": the file does not hold it, so nothing is said of it. */
export type StepState = "held" | "failed" | "open" | "absent";

/** One thing that a step shows; texts come from words and values. */
export type Fact =
  | { readonly name: string; readonly hash: string }
  | { readonly name: string; readonly count: number; readonly of?: number }
  | { readonly name: string; readonly timeMs: number }
  | { readonly name: string; readonly text: string };

export interface StepView {
  readonly name: StepName;
  readonly state: StepState;
  readonly facts: readonly Fact[];
}

/** What the evidence is about. */
export type Subject =
  | {
      readonly about: "reading";
      readonly meter: string;
      readonly timeMs: number;
      readonly values: readonly {
        readonly obis: string;
        readonly unit: string;
        readonly scaler: number;
        readonly value: number | null;
      }[];
    }
  | {
      readonly about: "object";
      readonly root: string;
      readonly name: string;
      readonly sizeBytes: number;
      readonly shownBytes: number;
    }
  | { readonly about: "transaction"; readonly kind: string; readonly outcome?: string };

export interface Place {
  readonly channel: string;
  readonly height: number;
  readonly timeMs: number;
  readonly signers: number;
  readonly validators: number;
  readonly confirmations: number;
  readonly signer?: { readonly name: string; readonly role: string };
  readonly revoked?: { readonly height: number; readonly reason: string };
  /** The block up to which it is proven that the signer was not revoked, or when it was. */
  readonly shownUpTo?: { readonly height: number; readonly timeMs: number };
}

/**
 * "proven": it holds for the chain that the reader named · "consistent": it holds for the chain that the
 * file itself names, which proves nothing until somebody compares its id · "refused".
 */
export interface Verdict {
  readonly state: "proven" | "consistent" | "refused";
  /** Of the genesis against which it was verified. */
  readonly chainId?: string;
  readonly subject?: Subject;
  readonly place?: Place;
  readonly steps: readonly StepView[];
  readonly fault?: { readonly code: string; readonly detail: string };
}

/** What is to be verified, and what the reader brings. */
export interface Question {
  readonly file: Blob | string;
  /** 64 hex digits, from elsewhere; empty where the reader has none. */
  readonly chainId: string;
  /** The genesis, from elsewhere: its hash is the chain id. */
  readonly genesis?: Uint8Array;
}

export type Report =
  | { readonly progress: "reading" | "verifying"; readonly done: number; readonly total: number }
  | { readonly verdict: Verdict };
