import { Fault, type FaultCode } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";

export const NO_HASH = new Uint8Array(32);

interface Next {
  /** What a gap is refused with. */
  readonly code: FaultCode;
  /** Names it in the refusal. */
  readonly what: string;
  readonly number: number;
  readonly previousHash: Uint8Array;
}

/** What is numbered and linked follows the last one without a gap: history has one line. Pure. */
export function checkNext(
  { code, what, number, previousHash }: Next,
  lastNumber = 0,
  lastHash: Uint8Array = NO_HASH,
): Fault | undefined {
  const expected = lastNumber + 1;
  if (number !== expected) {
    return new Fault(code, `${what}: ${expected} is next`, { data: { expected } });
  }
  if (equalBytes(previousHash, lastHash)) return undefined;
  return new Fault(code, `${what} follows another one`);
}
