import { Command } from "commander";
import { objectBundleCommand } from "./object-bundle.ts";
import { objectCopiesCommand } from "./object-copies.ts";
import { objectErasureCommand } from "./object-erasure.ts";
import { objectGetCommand } from "./object-get.ts";
import { objectListCommand } from "./object-list.ts";
import { objectPutCommand } from "./object-put.ts";
import { objectSendCommand } from "./object-send.ts";
import { objectShowCommand } from "./object-show.ts";
import { objectSpoolCommand } from "./object-spool.ts";
import { objectVerifyCommand } from "./object-verify.ts";

export function objectCommand(): Command {
  return new Command("object")
    .description("Put data on the chain, fetch it, and check it")
    .addCommand(objectPutCommand())
    .addCommand(objectSendCommand())
    .addCommand(objectSpoolCommand())
    .addCommand(objectGetCommand())
    .addCommand(objectVerifyCommand())
    .addCommand(objectShowCommand())
    .addCommand(objectListCommand())
    .addCommand(objectBundleCommand())
    .addCommand(objectCopiesCommand())
    .addCommand(objectErasureCommand());
}
