import type { Role } from "../ledger/roles.ts";

/** Only those who answer for the channel or trade on it bring code. */
export const DEPLOYERS: readonly Role[] = ["operator", "application"];

/** Guide §4.3.2: these may call; what a call may change is the contract's own rule. */
export const CALLERS: readonly Role[] = [
  ...(["operator", "application", "device", "hub", "validator", "candidate"] as const),
];
