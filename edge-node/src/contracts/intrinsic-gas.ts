import type { AccessEntry } from "@gridledger/protocol/contracts/ethereum-transaction";

const TRANSACTION = 21_000;
const CREATION = 32_000;
const ZERO_BYTE = 4;
const OTHER_BYTE = 16;
const INIT_CODE_WORD = 2;
const ACCESS_ADDRESS = 2_400;
const ACCESS_SLOT = 1_900;

interface Priced {
  readonly to: Uint8Array | undefined;
  readonly data: Uint8Array;
  readonly accessList?: readonly AccessEntry[];
}

/** What a transaction takes before it runs: EIP-2028, EIP-2930, EIP-3860. */
export function intrinsicGas({ to, data, accessList = [] }: Priced): number {
  let gas = TRANSACTION;
  for (const byte of data) gas += byte === 0 ? ZERO_BYTE : OTHER_BYTE;
  for (const { slots } of accessList) gas += ACCESS_ADDRESS + ACCESS_SLOT * slots.length;
  return to === undefined ? gas + CREATION + INIT_CODE_WORD * Math.ceil(data.length / 32) : gas;
}
