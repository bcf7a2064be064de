/** Solidity's `Error(string)` and `Panic(uint256)`, by their selectors. */
const ERROR = "08c379a0";
const PANIC = "4e487b71";

/** Solidity's panic codes, docs.soliditylang.org "Panic via assert and Error via require". */
const panics: Readonly<Record<number, string>> = {
  1: "an assertion does not hold",
  17: "arithmetic overflow",
  18: "division by zero",
  33: "no such enum value",
  34: "a damaged byte array in storage",
  49: "pop of an empty array",
  50: "index out of bounds",
  65: "too much memory",
  81: "call of a function that is not set",
};

/** What the output of a reverted call says, where it says it in Solidity's own way. */
export function revertReason(output: Uint8Array): string | undefined {
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  const selector = bytes.toString("hex", 0, 4);
  if (selector === PANIC && bytes.length === 36) {
    const code = bytes.readUInt32BE(32);
    return `panic ${code}: ${panics[code] ?? "unknown"}`;
  }
  if (selector !== ERROR || bytes.length < 68) return undefined;
  const length = bytes.readUInt32BE(64);
  return bytes.toString("utf8", 68, Math.min(68 + length, bytes.length));
}
