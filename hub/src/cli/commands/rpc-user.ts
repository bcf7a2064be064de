import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { PasswordHasher } from "@gridledger/protocol/access/password-hasher";
import { checkPassword } from "@gridledger/protocol/access/password-rules";
import {
  formatRpcUsers,
  parseRpcUsers,
  type RpcToken,
  type RpcUser,
} from "@gridledger/protocol/access/rpc-users";
import { Fault } from "@gridledger/protocol/faults";
import { Command } from "commander";
import { readBytes, replaceFile } from "../files.ts";
import { examples } from "../help.ts";
import { formatTable, formatTime, printAnswer } from "../output.ts";
import { parseInteger } from "../parse-integer.ts";

const STDIN = 0;
const SECRET_BYTES = 32;
const DAY_MS = 86_400_000;

interface RpcUserOptions {
  readonly file: string;
  readonly json?: boolean;
}

interface SecretOptions extends RpcUserOptions {
  readonly methods: string;
  readonly passwordFile?: string;
}

interface TokenOptions extends RpcUserOptions {
  readonly methods?: string;
  readonly days: number;
}

/** Users of a node's own RPC (guide §5.2.5). A running node reads the file again by itself. */
export function rpcUserCommand(): Command {
  return new Command("rpc-user")
    .description("Users, passwords and tokens of a node's RPC; a running node follows the file")
    .addCommand(
      withFile("set", "Add a user, or change its password and methods", "<name>")
        .option(
          "--methods <patterns>",
          "what it may call, e.g. gl_status,gl_get*,@ethereum-read,@ethereum-send",
          "*",
        )
        .option("--password-file <file>", "- for standard input; without it one is made and shown")
        .action(setUser),
    )
    .addCommand(withFile("remove", "Remove a user and its tokens", "<name>").action(removeUser))
    .addCommand(withFile("list", "Who may call what; no secrets").action(list))
    .addCommand(
      withFile("token", "Make a token; it is shown once", "<name>", "<id>")
        .option("--methods <patterns>", "what it may call (default: what the user may)")
        .option("--days <days>", "how long it lasts", parseInteger, 90)
        .action(makeToken),
    )
    .addCommand(withFile("revoke", "End a token", "<name>", "<id>").action(revoke));
}

function withFile(name: string, description: string, ...words: readonly string[]): Command {
  const command = new Command(name).description(description);
  for (const word of words) command.argument(word);
  const example = `gridledger rpc-user ${name}${words.includes("<name>") ? " ann" : ""}`;
  return command
    .requiredOption("--file <rpc-users.json>", "as the node's configuration names it")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(`${example}${words.includes("<id>") ? " ci" : ""} --file node/rpc-users.json`),
    );
}

async function setUser(name: string, options: SecretOptions): Promise<void> {
  const users = read(options.file);
  const given = options.passwordFile === undefined ? undefined : readSecret(options.passwordFile);
  if (given !== undefined) checkPassword(name, given);
  const password = given ?? randomBytes(SECRET_BYTES).toString("base64url");
  const passwordHash = await new PasswordHasher().hash(password);
  const before = users.find((user) => user.name === name);
  const methods = split(options.methods);
  const user: RpcUser = { name, passwordHash, methods, tokens: before?.tokens ?? [] };
  save(options.file, [...users.filter((other) => other !== before), user]);
  const made = given === undefined ? { password } : {};
  printAnswer(options, { name, methods, ...made }, () => [
    `${name} may call ${methods.join(", ")}`,
    ...(given === undefined ? [`password, shown once: ${password}`] : []),
  ]);
}

function removeUser(name: string, options: RpcUserOptions): void {
  const users = read(options.file);
  const user = find(users, name);
  save(
    options.file,
    users.filter((other) => other !== user),
  );
  printAnswer(options, { removed: name }, () => [`${name} is removed`]);
}

function list(options: RpcUserOptions): void {
  const users = read(options.file);
  const shown = users.map(({ name, methods, tokens }) => ({
    name,
    methods,
    tokens: tokens.map(({ hash: _, ...token }) => token),
  }));
  const lines = users.flatMap(({ name, methods, tokens }) => [
    [name, methods.join(","), ""],
    ...tokens.map((token) => [
      `${name}/${token.id}`,
      token.methods.join(","),
      `until ${formatTime(token.expiresAtMs)}`,
    ]),
  ]);
  printAnswer(options, { users: shown }, () =>
    lines.length > 0 ? formatTable(lines) : ["there are no users: nobody can call the RPC"],
  );
}

function makeToken(name: string, id: string, options: TokenOptions): void {
  const users = read(options.file);
  const user = find(users, name);
  if (user.tokens.some((token) => token.id === id)) {
    throw new Fault(
      "USAGE_INVALID",
      `${name} has a token ${id} already: revoke it, or choose another id`,
    );
  }
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  const token: RpcToken = {
    id,
    hash: createHash("sha256").update(secret).digest("hex"),
    methods: options.methods === undefined ? user.methods : split(options.methods),
    expiresAtMs: Date.now() + options.days * DAY_MS,
  };
  replace(options.file, users, user, { ...user, tokens: [...user.tokens, token] });
  const { hash: _, ...shown } = token;
  printAnswer(options, { name, ...shown, token: secret }, () => [
    `token, shown once: ${secret}`,
    `it may call ${token.methods.join(", ")} until ${formatTime(token.expiresAtMs)}`,
  ]);
}

function revoke(name: string, id: string, options: RpcUserOptions): void {
  const users = read(options.file);
  const user = find(users, name);
  const tokens = user.tokens.filter((token) => token.id !== id);
  if (tokens.length === user.tokens.length) {
    throw new Fault("USAGE_INVALID", `${name} has no token ${id}`);
  }
  replace(options.file, users, user, { ...user, tokens });
  printAnswer(options, { revoked: `${name}/${id}` }, () => [`${name}/${id} is revoked`]);
}

function read(file: string): readonly RpcUser[] {
  return existsSync(file) ? parseRpcUsers(readBytes(file).toString("utf8")) : [];
}

function save(file: string, users: readonly RpcUser[]): void {
  replaceFile(file, formatRpcUsers(users));
}

function replace(file: string, users: readonly RpcUser[], before: RpcUser, after: RpcUser): void {
  save(
    file,
    users.map((user) => (user === before ? after : user)),
  );
}

function find(users: readonly RpcUser[], name: string): RpcUser {
  const user = users.find((one) => one.name === name);
  if (user === undefined) throw new Fault("USAGE_INVALID", `there is no user ${name}`);
  return user;
}

function split(patterns: string): string[] {
  return patterns.split(",").map((pattern) => pattern.trim());
}

function readSecret(file: string): string {
  const bytes = file === "-" ? readFileSync(STDIN) : readBytes(file);
  return bytes.toString("utf8").split(/\r?\n/)[0]!;
}
