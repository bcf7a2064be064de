/** Faults that starting again does not mend: somebody must look first. */
const permanent: ReadonlySet<string> = new Set([
  "CAPTURE_INVALID",
  "CHAIN_MISMATCH",
  "CONFIG_INVALID",
  "FILE_UNREADABLE",
  "GENESIS_INVALID",
  "KEY_INVALID",
  "KEY_IN_USE_ELSEWHERE",
  "KEY_LOCKED",
  "KEY_PAGE_INVALID",
  "PASSPHRASE_WRONG",
  "SPOOL_CORRUPT",
  "STORE_CORRUPT",
  "SUITE_MISSING",
  "SUITE_REFUSED",
  "SUITE_SELF_TEST",
  "SUITE_UNKNOWN",
]);

export function isPermanentFault(code: string | null): code is string {
  return code !== null && permanent.has(code);
}
