import { CommandFailure } from "../errors.ts";
import { exitCode } from "../exit-codes.ts";

interface Ended {
  readonly outcome: string;
  readonly reason: string | null;
  readonly output: string;
  readonly gasUsed: number;
}

/** @throws CommandFailure with how the contract ended, where it did not succeed */
export function failUnlessSuccess({ outcome, reason, output, gasUsed }: Ended): void {
  if (outcome === "success") return;
  const said = reason ?? (output === "0x" ? "" : output);
  const why = said === "" ? outcome : `${outcome}: ${said}`;
  throw new CommandFailure(exitCode.refused, `the contract ended with ${why} (gas ${gasUsed})`);
}
