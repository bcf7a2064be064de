/** The last block that is durably indexed, and the sums up to it. Height 0 is the genesis. */
export interface ChainHead {
  readonly height: number;
  readonly hash: Uint8Array;
  /** null while there is no block. */
  readonly timeMs: number | null;
  readonly transactions: number;
  readonly readings: number;
}
