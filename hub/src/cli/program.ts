import { Command } from "commander";
import { version } from "../version.ts";
import { accessCommand } from "./commands/access/access.ts";
import { tokenCommand } from "./commands/access/token.ts";
import { userCommand } from "./commands/access/user.ts";
import { auditCommand } from "./commands/audit/audit.ts";
import { breakGlassCommand } from "./commands/break-glass.ts";
import { bridgeCommand } from "./commands/bridge.ts";
import { caCommand } from "./commands/ca.ts";
import { certCommand } from "./commands/cert.ts";
import { contractCommand } from "./commands/contract.ts";
import { correctionCommand } from "./commands/correction/correction.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { genesisCommand } from "./commands/genesis.ts";
import { governanceCommand } from "./commands/governance.ts";
import { hubCommand } from "./commands/hub.ts";
import { keyCommand } from "./commands/key.ts";
import { keygenCommand } from "./commands/keygen.ts";
import { mappingCommand } from "./commands/mapping/mapping.ts";
import { marketCommand } from "./commands/market.ts";
import { nodeCommand } from "./commands/node.ts";
import { objectCommand } from "./commands/object/object.ts";
import { proveCommand } from "./commands/prove.ts";
import { queryCommand } from "./commands/query.ts";
import { recoveryCommand } from "./commands/recovery/recovery.ts";
import { rpcUserCommand } from "./commands/rpc-user.ts";
import { startCommand } from "./commands/start.ts";
import { statusCommand } from "./commands/status.ts";
import { submitCommand } from "./commands/submit.ts";
import { validatorCommand } from "./commands/validator.ts";
import { verifyCommand } from "./commands/verify.ts";
import { webhookCommand } from "./commands/webhook/webhook.ts";
import { exitCodeHelp } from "./exit-codes.ts";
import { collectSuitePackages, loadOutsideSuites } from "./outside-suites.ts";

/** `gridledger` with all its commands; nothing runs yet. */
export function buildProgram(): Command {
  const program = new Command("gridledger")
    .description("An energy consortium blockchain for the edge")
    .version(version, "-V, --version")
    .option(
      "--suite-package <name-or-path>",
      "a crypto suite from outside, to load first; may be repeated (env GRIDLEDGER_SUITE_PACKAGES)",
      collectSuitePackages,
    )
    .hook("preAction", (_program, command) => loadOutsideSuites(command))
    .showHelpAfterError("(--help says more)")
    .addHelpText("after", exitCodeHelp)
    .exitOverride();
  const commands = [
    startCommand(),
    statusCommand(),
    submitCommand(),
    queryCommand(),
    correctionCommand(),
    proveCommand(),
    verifyCommand(),
    contractCommand(),
    auditCommand(),
    mappingCommand(),
    marketCommand(),
    objectCommand(),
    validatorCommand(),
    caCommand(),
    certCommand(),
    recoveryCommand(),
    governanceCommand(),
    breakGlassCommand(),
    userCommand(),
    tokenCommand(),
    webhookCommand(),
    accessCommand(),
    doctorCommand(),
    genesisCommand(),
    keygenCommand(),
    keyCommand(),
    hubCommand(),
    nodeCommand(),
    bridgeCommand(),
    rpcUserCommand(),
  ];
  for (const command of commands) program.addCommand(inherit(program, command));
  return program;
}

/** Commander hands settings down only to commands that it made itself. */
function inherit(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(command, child);
  return command;
}
