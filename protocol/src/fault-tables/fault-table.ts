/** One code: its HTTP status (RFC 9457), and what is wrong and what to do, in both languages. */
export interface FaultInfo {
  readonly status: number;
  readonly en: string;
  readonly zh: string;
}

export type FaultTable = Readonly<Record<string, FaultInfo>>;
