import type { Command } from "commander";
import { processCommand } from "./run-process.ts";

export function nodeCommand(): Command {
  return processCommand({
    name: "node",
    kind: "edge-node",
    description: "Run one validator",
    directory: "validator-1",
  });
}
