/** What the CLI's exit code says; documented in `gridledger --help`. */
export const exitCode = {
  ok: 0,
  /** A coded fault: something was refused or failed. */
  refused: 1,
  /** The command line itself was wrong. */
  usage: 2,
  /** No hub answered. */
  unreachable: 3,
  /** `verify`: the proof does not hold. */
  notVerified: 4,
  /** Whoever read our output has gone: what a shell reports of a program that SIGPIPE ended, 128 + 13. */
  unread: 141,
} as const;

export const exitCodeHelp = `
Exit codes: 0 ok · 1 refused or failed (a coded fault) · 2 wrong usage · 3 no hub answers ·
4 a proof does not verify · 141 nobody read the answer (… | head)`;
