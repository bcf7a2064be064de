import type { PreparedCertificate } from "@gridledger/protocol/messages/certificate";
import type { RoundChangeClaim } from "@gridledger/protocol/messages/proposal";
import type { Electorate } from "./electorate.ts";

export interface StoredRoundChange extends RoundChangeClaim {
  readonly round: number;
  readonly certificate: PreparedCertificate | null;
}

/** The highest round change of each validator at one height; every one in here was verified. */
export class RoundChangeStore {
  protected readonly electorate: Electorate;
  protected readonly highest: (StoredRoundChange | undefined)[];

  constructor(electorate: Electorate) {
    this.electorate = electorate;
    this.highest = new Array<StoredRoundChange | undefined>(electorate.size).fill(undefined);
  }

  get size(): number {
    return this.highest.filter(Boolean).length;
  }

  get all(): StoredRoundChange[] {
    return this.highest.filter((roundChange) => roundChange !== undefined);
  }

  of(validator: number): StoredRoundChange | undefined {
    return this.highest[validator];
  }

  isNews(from: number, round: number): boolean {
    return round > (this.highest[from]?.round ?? 0);
  }

  add(roundChange: StoredRoundChange): void {
    if (this.isNews(roundChange.from, roundChange.round)) {
      this.highest[roundChange.from] = roundChange;
    }
  }

  /** Keeps what was said, without the certificates that proved it. */
  dropCertificates(): void {
    for (const [from, roundChange] of this.highest.entries()) {
      if (roundChange !== undefined) this.highest[from] = { ...roundChange, certificate: null };
    }
  }

  /**
   * The (f+1)-th highest round above `current` that validators ask for: at least one honest validator
   * is there or higher. Fewer than f+1 move nobody (FISCO BCOS #2211).
   */
  jumpTarget(current: number): number | undefined {
    const above: number[] = [];
    for (const roundChange of this.highest) {
      if (roundChange !== undefined && roundChange.round > current) above.push(roundChange.round);
    }
    return above.sort((a, b) => b - a)[this.electorate.faults];
  }

  /** Validators that are in this round or a later one. */
  countFrom(round: number): number {
    return this.highest.filter((roundChange) => roundChange && roundChange.round >= round).length;
  }

  /** Those for exactly this round, ascending by validator. */
  at(round: number): StoredRoundChange[] {
    const found: StoredRoundChange[] = [];
    for (const roundChange of this.highest) {
      if (roundChange?.round === round) found.push(roundChange);
    }
    return found;
  }
}
