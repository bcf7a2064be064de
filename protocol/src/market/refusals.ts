import { Fault, type FaultCode } from "../faults.ts";

/** What the market's contract says, by the fault that it is (`protocol/contracts/Market*.sol`). */
const wordsOf = {
  MARKET_UNOPENED: ["market not open"],
  MARKET_RIGHT: ["role"],
  ORDER_QUANTITY: ["quantity must be above zero", "quantity above the limit"],
  ORDER_PRICE: ["price below zero", "price between two ticks", "price above the limit"],
  ORDER_CLOSED: ["gate is closed", "interval is cleared"],
  ORDER_AHEAD: ["interval too far ahead"],
  ORDER_LIMIT: ["too many orders"],
  ORDER_TAKEN: ["client id is taken"],
  ORDER_METER: ["not your meter", "meter changed hands"],
  ORDER_UNKNOWN: ["no such order"],
  INTERVAL_EARLY: [
    "gate is open",
    "interval is not cleared",
    "interval is not over",
    "interval is kept",
  ],
  INTERVAL_CLOSED: ["interval is closed"],
  INTERVAL_EMPTY: ["no orders"],
} as const satisfies Partial<Record<FaultCode, readonly string[]>>;

const codeByWords = new Map<string, FaultCode>(
  Object.entries(wordsOf).flatMap(([code, all]) =>
    all.map((words) => [words, code as FaultCode] as const),
  ),
);

/** How a call of the market ended, as a receipt or the answer to a call says it. */
export interface MarketOutcome {
  readonly outcome: string;
  readonly reason?: string | null | undefined;
}

/** The fault that a call of the market ended with, in the contract's words; undefined where it succeeded. */
export function marketRefusal({ outcome, reason }: MarketOutcome): Fault | undefined {
  if (outcome === "success") return undefined;
  return new Fault(codeByWords.get(reason ?? "") ?? "ORDER_REFUSED", reason ?? outcome);
}

/** Whether a hub's code is the market's word on an order. */
export function isMarketRefusal(code: string): code is FaultCode {
  return code === "ORDER_REFUSED" || Object.hasOwn(wordsOf, code);
}
