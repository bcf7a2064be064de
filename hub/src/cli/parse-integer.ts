import { InvalidArgumentError } from "commander";

/** A non-negative integer of the command line. */
export function parseInteger(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Not a number.");
  return Number(text);
}
