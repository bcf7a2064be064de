const TRANSACTION = 21_000;
const CREATION = 32_000;
const ZERO_BYTE = 4;
const OTHER_BYTE = 16;
const INIT_CODE_WORD = 2;

/** What a transaction takes before it runs: EIP-2028, EIP-3860. */
export function intrinsicGas({
  to,
  data,
}: {
  to: Uint8Array | undefined;
  data: Uint8Array;
}): number {
  let gas = TRANSACTION;
  for (const byte of data) gas += byte === 0 ? ZERO_BYTE : OTHER_BYTE;
  return to === undefined ? gas + CREATION + INIT_CODE_WORD * Math.ceil(data.length / 32) : gas;
}
