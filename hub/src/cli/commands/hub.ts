import type { Command } from "commander";
import { processCommand } from "./run-process.ts";

export function hubCommand(): Command {
  return processCommand({
    name: "hub",
    kind: "hub",
    description: "Run one hub: broker, REST, dashboard",
    directory: "hub",
  });
}
