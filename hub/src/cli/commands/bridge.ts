import type { Command } from "commander";
import { processCommand } from "./run-process.ts";

export function bridgeCommand(): Command {
  return processCommand({
    name: "bridge",
    kind: "firmware-bridge",
    description: "Run one bridge from meters to the network",
    directory: "bridge",
  });
}
