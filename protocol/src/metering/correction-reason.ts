import { Fault } from "../faults.ts";

/** Why a reading is corrected. Numbers are never reused. */
const reasonNumbers = {
  "meter-fault": 1,
  "clock-wrong": 2,
  transmission: 3,
  "meter-exchange": 4,
  /** Transformer ratio, scaler or register were set wrong. */
  configuration: 5,
  "manual-reading": 6,
  estimate: 7,
  agreement: 8,
  order: 9,
} as const;

export type CorrectionReason = keyof typeof reasonNumbers;

export const correctionReasons = Object.keys(reasonNumbers) as readonly CorrectionReason[];

export function reasonNumber(reason: CorrectionReason): number {
  return reasonNumbers[reason];
}

/** @throws Fault CORRECTION_SHAPE for an unknown number */
export function reasonName(number: number): CorrectionReason {
  const name = correctionReasons.find((one) => reasonNumbers[one] === number);
  if (name === undefined) throw new Fault("CORRECTION_SHAPE", `unknown reason ${number}`);
  return name;
}
