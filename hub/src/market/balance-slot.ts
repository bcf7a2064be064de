import { keccak256 } from "@gridledger/protocol/contracts/keccak";
import { wordOf } from "@gridledger/protocol/market/abi-words";

/** `mapping(address => int256) balanceOf` is the first variable of `EnergyMarket`. */
const BALANCE_MAPPING = 0;

/** Where a balance stands in the market's storage. */
export function balanceSlot(owner: Uint8Array): Uint8Array {
  return keccak256(Buffer.concat([wordOf(owner), wordOf(BALANCE_MAPPING)]));
}

/** Two's complement, without the leading zeros that storage leaves out. */
export function balanceOf(word: Uint8Array | undefined): bigint {
  const hex = Buffer.from(word ?? []).toString("hex");
  return hex === "" ? 0n : BigInt.asIntN(256, BigInt(`0x${hex}`));
}
